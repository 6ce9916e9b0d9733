"""Users of the tenant, and customers in the portal."""
