"""The layer that decides: everything the functions share. Import direction: see tests/architecture."""
