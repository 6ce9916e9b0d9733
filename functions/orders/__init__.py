"""Orders, which can be invoiced once."""
