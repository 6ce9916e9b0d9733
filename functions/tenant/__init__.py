"""The company that issues the documents, with its settings."""
