"""The amounts of a document: lines, discounts, allowances, charges, VAT, rounding, totals."""
