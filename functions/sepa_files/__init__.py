"""SEPA files: direct debits and credit transfers for the bank."""
