package io.taskbroker.application.intake;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.rules.KillSwitch;
import java.time.Duration;

/** One thing that happened in the intake of one topic, and is counted. */
public sealed interface IntakeEvent {
  /** The group has given us this number of partitions; none when a reader begins. */
  record Assigned(int partitions) implements IntakeEvent {}

  /** This number of partitions was handed over, or lost. */
  record Revoked(int partitions) implements IntakeEvent {}

  /**
   * How many of our partitions are not read now, since what was read has to be stored first.
   *
   * @param partitions 0 if all are read
   */
  record Paused(int partitions) implements IntakeEvent {}

  /** A record that is no task, or cannot be stored, goes to the dead-letter topic. */
  record Bad() implements IntakeEvent {}

  /** The source has deleted this number of offsets before they were read. */
  record Deleted(long offsets) implements IntakeEvent {}

  /** A task had expired before it was stored; it is dropped. */
  record Expired() implements IntakeEvent {}

  /** The kill switches in force have judged a task; it is dropped if they match. */
  record Judged(Activation activation, KillSwitch.Match match, Duration took)
      implements IntakeEvent {}

  /** A task will leave for the topic of demoted namespaces. */
  record Demoted(Activation activation) implements IntakeEvent {}

  /** A task's namespace is demoted, but the task came from the very topic it would go to. */
  record DemotionSkipped(Activation activation) implements IntakeEvent {}

  /**
   * A batch goes to the store.
   *
   * @param bytes of its payloads
   */
  record Batched(int rows, long bytes) implements IntakeEvent {}

  /** Back-pressure holds a batch; told again while that lasts. */
  record Held(Backpressure.Reason reason) implements IntakeEvent {}

  /**
   * A batch was stored.
   *
   * @param rows those that are new
   * @param lag how long ago the oldest was produced
   */
  record Stored(int rows, Duration took, Duration lag) implements IntakeEvent {}

  /** The store did not take a batch. */
  record StoreFailed() implements IntakeEvent {}
}
