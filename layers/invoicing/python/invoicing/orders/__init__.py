"""Orders, and the draft invoices that are created from them."""
