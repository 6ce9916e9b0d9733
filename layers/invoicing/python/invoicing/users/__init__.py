"""Users and API keys: roles, scopes, and the check of credentials."""
