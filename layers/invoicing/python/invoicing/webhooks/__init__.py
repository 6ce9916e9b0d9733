"""Webhooks: endpoints of other systems, and the delivery of events to them."""
