"""Proposals as people meet them: what waits, what became of the rest, and saying yes or no."""
