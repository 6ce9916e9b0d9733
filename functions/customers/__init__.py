"""Customers, with their addresses, payment terms and e-invoice settings."""
