"""Endpoints of other systems that receive events."""
