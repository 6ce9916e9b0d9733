"""Subscriptions: items, periods, proration, cancellation, and the invoices that bill them."""
