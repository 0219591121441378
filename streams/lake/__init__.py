"""Landing: Kafka's topics written down once, as Parquet with a manifest."""
