package io.taskbroker.application.store;

import io.taskbroker.domain.operator.EndedTask;
import java.time.Duration;
import java.util.List;

/**
 * One thing that happened in the owned store, and is counted. Told by its writer and its syncer.
 */
public sealed interface StoreEvent {
  /** A call that waited in the store's queue. */
  interface Queued {
    StoreCall call();

    /** When it was queued, on the finer clock. */
    long queuedNanos();
  }

  /**
   * The writer has got to these calls.
   *
   * @param calls good only while the event is counted
   * @param nowNanos on the same clock as {@link Queued#queuedNanos}
   */
  record Begun(List<? extends Queued> calls, long nowNanos) implements StoreEvent {}

  /**
   * The writer has done something of all that waited: for so long it looked at nothing new.
   *
   * @param took with the writing and the answers
   */
  record Turned(Duration took) implements StoreEvent {}

  /** Calls are decided together. */
  record Grouped(int calls) implements StoreEvent {}

  /** The changes of a group, or of a slice of intake, were written. */
  record Committed(Duration took) implements StoreEvent {}

  /**
   * Tasks have ended, and that is written.
   *
   * @param tasks in order; whoever counts may keep the list
   */
  record Ended(List<EndedTask> tasks) implements StoreEvent {}

  /**
   * The number of rows that are put aside has changed.
   *
   * @param rows how many cannot be read or written now
   */
  record PutAside(int rows) implements StoreEvent {}

  /** Batches of intake were synced together. */
  record Synced(int batches, Duration took) implements StoreEvent {}
}
