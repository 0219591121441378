"""Benchmarks: figures with their machine. No test asserts one of them."""
