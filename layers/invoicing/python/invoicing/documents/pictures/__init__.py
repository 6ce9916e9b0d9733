"""Pictures of clients on the pages: logos and letterheads."""
