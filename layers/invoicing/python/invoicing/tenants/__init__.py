"""The company that issues documents: its settings, sender address, base rates and test clock."""
