"""Apache Superset over the published file: its database, datasets and dashboard come from ``deploy/bi``."""
