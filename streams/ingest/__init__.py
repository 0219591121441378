"""Ingest: other people's files to events on Kafka, by a mapping."""
