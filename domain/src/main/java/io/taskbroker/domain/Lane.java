package io.taskbroker.domain;

/** The ways out of the broker through Kafka. Each goes to one topic and waits for that alone. */
public enum Lane {
  RETRY,
  DEAD_LETTER,
  DEMOTION
}
