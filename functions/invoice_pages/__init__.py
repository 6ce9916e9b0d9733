"""The web page of one document, for everyone who holds its link."""
