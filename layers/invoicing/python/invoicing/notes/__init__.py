"""Notes on documents, their files and uploads, and the files that a document contains."""
