package io.taskbroker.application.intake;

/**
 * The time between two changes of a consumer's assignment. A batch read in one must not be stored
 * in another, since somebody else owns its partitions by then.
 *
 * <p>Safe for all threads.
 */
public final class AssignmentEpoch {
  private volatile boolean ended;
  private volatile boolean lost;

  /** From here on the store begins no batch of this epoch; one that it has begun is waited for. */
  public void end() {
    ended = true;
  }

  /**
   * As {@link #end}, but nobody waits: what comes in from here on is not committed by us. The store
   * is told which partitions were lost after this.
   */
  public void lose() {
    lost = true;
    ended = true;
  }

  public boolean hasEnded() {
    return ended;
  }

  public boolean isLost() {
    return lost;
  }
}
