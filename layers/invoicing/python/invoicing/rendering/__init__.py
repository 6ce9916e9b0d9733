"""The files of an issued document: when they are rendered and stored."""
