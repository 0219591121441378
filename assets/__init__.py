"""Dagster assets, checks, resources, and the runner of the SQL models."""
