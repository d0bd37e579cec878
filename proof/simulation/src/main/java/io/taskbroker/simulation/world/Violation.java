package io.taskbroker.simulation.world;

/**
 * Something that must not be.
 *
 * @param kind which promise is broken
 * @param what has happened, to what
 */
public record Violation(Kind kind, String what) {
  /** The promises. */
  public enum Kind {
    /** Every accepted task comes to an end that something explains. */
    LOST,
    /** An at-most-once task is in at most one worker's hands ever. */
    RUN_TWICE,
    /** Nobody has a task before that is in the file. */
    UNWRITTEN,
    /** What an operator holds is not handed out. */
    NOT_HELD,
    /** What is final stays final. */
    REVIVED,
    /** Nothing that Kafka has acknowledged is published again by the same process. */
    PUBLISHED_TWICE,
    /** No offset is committed before its rows are safe. */
    UNSAFE_COMMIT,
    /** What is committed was read in the present share, and never sets the group back. */
    STRAY_COMMIT,
    /** A dead letter has a reason. */
    BURIED_ALIVE,
    /** Counts equal contents. */
    COUNTS,
    /** What a process kept, the next one finds. */
    REOPENED,
    /** When faults end, everything ends. */
    STANDSTILL,
    /** Whoever waits has what there is for him, and what is told is written, within its time. */
    LATE,
    /** A standstill has its line within its time. */
    SILENCE,
    /** No queue and no rate of log lines without bound. */
    FLOOD,
    /** No defect: nothing throws what nobody expects, and no store ends without a reason. */
    DEFECT
  }

  @Override
  public String toString() {
    return kind + ": " + what;
  }
}
