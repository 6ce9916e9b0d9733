"""Subscriptions, and the invoices that bill them."""
