"""Bank statements, and the transactions that they and a feed contain: each is kept once."""
