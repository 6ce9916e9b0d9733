"""The erasure of a customer's personal data, in the customer and in all copies."""
