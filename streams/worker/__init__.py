"""The shell around the judges: Kafka's records in, merged; judgements out; state kept in Kafka."""
