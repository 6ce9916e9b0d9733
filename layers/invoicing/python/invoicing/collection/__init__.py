"""SEPA: mandates of customers, and the files of direct debits and credit transfers for the bank."""
