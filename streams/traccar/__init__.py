"""Positions that a Traccar server forwards to Kafka, as our events."""
