"""Links that open one file without credentials, and the record of their uses."""
