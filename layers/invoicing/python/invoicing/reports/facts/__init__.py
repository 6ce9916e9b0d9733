"""Facts about documents and payments by tax rate, which the reports of revenue and tax add up."""
