"""The issue of a document: the rules of the law, of EN 16931 and of countries, and its number."""
