"""Transactions of bank accounts, from statements."""
