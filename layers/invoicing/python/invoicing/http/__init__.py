"""How a request becomes a call of a function, and its result or error a response."""
