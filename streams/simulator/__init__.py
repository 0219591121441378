"""A seeded city that plays one delivery day: it publishes as devices would, and drives the plans it gets."""
