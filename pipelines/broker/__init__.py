"""The embedded Kafka: locked jars, one node on loopback, started, found and stopped by its folder."""
