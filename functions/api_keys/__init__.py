"""API keys of users, with their scopes."""
