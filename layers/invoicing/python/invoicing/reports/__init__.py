"""Sums over documents, such as open items with their age, from the changes of their balances."""
