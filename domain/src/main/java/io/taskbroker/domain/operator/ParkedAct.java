package io.taskbroker.domain.operator;

/** What an operator does to a row that Kafka has refused. */
public enum ParkedAct {
  /** It leaves in its turn, as if Kafka had not refused it. */
  RETRY,
  /** It ends: it is never published. */
  DROP
}
