"""The timeline of a document: who may add, edit, delete and see its comments."""
