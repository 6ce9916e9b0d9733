"""Products and their prices, and the lines of documents that are filled in from them."""
