"""Counters of the gapless document numbers."""
