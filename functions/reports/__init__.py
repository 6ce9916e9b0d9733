"""Reports about all documents of a tenant."""
