"""Dunning rules and runs, reminders and dunning letters, and the reason why a level is not reached."""
