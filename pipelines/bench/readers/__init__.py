"""Readers of the published file while versions follow one another."""
