"""Finalize many drafts in one run that can be followed, stopped and resumed."""
