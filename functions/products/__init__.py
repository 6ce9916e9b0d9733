"""The articles and services that a tenant sells."""
