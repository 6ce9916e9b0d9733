"""The prices of products, and the amounts of quantities at them."""
