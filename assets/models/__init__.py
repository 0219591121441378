"""The SQL models: a strict dbt-compatible folder, read, resolved, built and tested without dbt."""
