"""How tasks get to Kafka."""
