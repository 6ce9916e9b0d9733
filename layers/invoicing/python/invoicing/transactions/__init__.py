"""Transactions: single debits and credits of customers' accounts, and how far the bank is with each."""
