"""SEPA files: the direct debits and credit transfers that the tenant gives its bank."""
