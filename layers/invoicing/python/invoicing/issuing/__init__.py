"""What a document must have to be issued: the law, EN 16931 and national rules, and its number."""
