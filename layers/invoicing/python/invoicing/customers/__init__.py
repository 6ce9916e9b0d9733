"""Customers: the fields that can be changed, and archiving."""
