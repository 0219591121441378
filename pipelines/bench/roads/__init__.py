"""How fast roads are built, and legs found on them."""
