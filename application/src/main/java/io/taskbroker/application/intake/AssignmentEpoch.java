package io.taskbroker.application.intake;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The time between two changes of a consumer's assignment. A batch read in one must not be stored
 * in another, since somebody else owns its partitions by then.
 *
 * <p>Safe for all threads.
 */
public final class AssignmentEpoch {
  private final AtomicBoolean ended = new AtomicBoolean();

  /** From here on the store begins no batch of this epoch. */
  public void end() {
    ended.set(true);
  }

  public boolean hasEnded() {
    return ended.get();
  }
}
