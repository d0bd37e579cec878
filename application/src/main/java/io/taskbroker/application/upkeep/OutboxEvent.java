package io.taskbroker.application.upkeep;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Lane;
import java.time.Duration;

/** One thing that happened in publishing the rows of one lane, and is counted. */
public sealed interface OutboxEvent {
  Lane lane();

  /**
   * How late the lane is.
   *
   * @param sinceEmpty since it was last seen empty: no row of it waits longer
   */
  record Behind(Lane lane, Duration sinceEmpty) implements OutboxEvent {}

  /**
   * Kafka has answered about one record.
   *
   * @param bytes of the record's value
   * @param acknowledged false if Kafka has not taken the record; its row stays
   */
  record Tried(Lane lane, Activation activation, int bytes, boolean acknowledged)
      implements OutboxEvent {}

  /** A row is kept aside, since Kafka refuses it. */
  record Parked(Lane lane, Activation activation) implements OutboxEvent {}

  /**
   * Kafka has answered about records that were published together.
   *
   * @param source the topic from which the first of them came
   */
  record Published(Lane lane, String source, int tried, int acknowledged, Duration took)
      implements OutboxEvent {}
}
