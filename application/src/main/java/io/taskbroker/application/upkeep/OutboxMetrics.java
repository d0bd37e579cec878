package io.taskbroker.application.upkeep;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Lane;
import java.time.Duration;

/** What the relays count. Called by their loops: must not block for long and must not throw. */
public interface OutboxMetrics {
  /** Counts nothing. */
  OutboxMetrics NONE = new OutboxMetrics() {};

  /** The lane was last seen empty so long ago: nothing in it waits longer. */
  default void behind(Lane lane, Duration sinceEmpty) {}

  /** A record of so many bytes is about to be published. */
  default void publishing(Lane lane, Activation activation, int bytes) {}

  /** A record was not published, and stays. */
  default void notPublished(Lane lane, Activation activation) {}

  /** Kafka will never take this one. */
  default void parked(Lane lane, Activation activation) {}

  /**
   * Some records were tried together.
   *
   * @param source the topic that the first of them came from
   */
  default void published(Lane lane, String source, int tried, int acknowledged, long nanos) {}
}
