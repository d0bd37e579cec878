package io.taskbroker.application.intake;

/**
 * Whether a topic may be read, and whether anybody still reads it. Safe for all threads.
 *
 * <p>Who is told that nobody reads it any more can rely on that until the door is opened.
 */
final class IntakeDoor {
  private boolean shut;
  private boolean inside;

  /** Asked by the source before each turn; it may be reading from here on if that is allowed. */
  synchronized boolean enter() {
    inside |= !shut;
    return !shut;
  }

  /** The source reads nothing, and has no partition. */
  synchronized void left() {
    inside = false;
  }

  synchronized void shut() {
    shut = true;
  }

  synchronized void open() {
    shut = false;
  }

  /** Whether it is shut and the source, if there is one, has left. */
  synchronized boolean isDeserted() {
    return shut && !inside;
  }
}
