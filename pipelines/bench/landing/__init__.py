"""How fast fixes become Parquet: from Kafka, and beside what DuckDB and polars write of the same rows."""
