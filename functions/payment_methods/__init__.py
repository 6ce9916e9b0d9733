"""Payment methods of customers, and their mandates."""
