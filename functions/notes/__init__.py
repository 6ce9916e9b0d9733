"""Notes on a document, with attached files."""
