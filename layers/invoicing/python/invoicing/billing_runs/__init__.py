"""Billing runs: finalizing many drafts, or billing many subscriptions, as one piece of work."""
