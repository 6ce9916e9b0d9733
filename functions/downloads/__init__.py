"""Links that open one file without credentials."""
