"""The changes of the amount due: payments, refunds, credit notes, cancellations, deposits, write-offs."""
