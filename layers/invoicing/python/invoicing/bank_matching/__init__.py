"""Payments in bank transactions: which documents they pay, by proofs, amounts and payers, and their allocation."""
