"""Dead letters on Kafka, for people: read, shown, sent again."""
