package io.taskbroker.application.intake;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.rules.KillSwitch;
import java.time.Duration;

/** What intake counts. Called on the intake's threads: must not block and must not throw. */
public interface IntakeMetrics {
  /** Counts nothing. */
  IntakeMetrics NONE = new IntakeMetrics() {};

  /** The group has given us so many partitions; none when a reader begins. */
  default void assigned(String topic, int partitions) {}

  /** So many partitions were handed over, or lost. */
  default void revoked(String topic, int partitions) {}

  /**
   * So many of our partitions are not read from now, since what was read has to be stored first.
   */
  default void paused(String topic, int partitions) {}

  /** A record that is no task goes to the dead-letter topic. */
  default void bad(String topic) {}

  /** So many offsets were deleted in the source before they were read. */
  default void deleted(String topic, long offsets) {}

  /** It was too late for this one before it was stored; it is dropped. */
  default void expired(String topic) {}

  /** The kill switches in force have judged a record, in such a time. */
  default void judged(String topic, Duration took) {}

  /** A kill switch drops this one. */
  default void killed(String topic, Activation activation, KillSwitch.Match match) {}

  /** This one goes to the topic of demoted namespaces. */
  default void demoted(String topic, Activation activation) {}

  /** This one's namespace is demoted, but it came from the very topic it would go to. */
  default void demotionSkipped(String topic, Activation activation) {}

  /** A batch goes to the store. */
  default void batch(String topic, int rows, long bytes) {}

  /** A batch is held back; also told while it lasts. */
  default void held(String topic, Backpressure.Reason reason) {}

  /** A batch was stored: rows that are new, and how long ago the oldest was produced. */
  default void stored(String topic, int rows, Duration write, Duration lag) {}

  /** The store did not take a batch. */
  default void storeFailed(String topic) {}
}
