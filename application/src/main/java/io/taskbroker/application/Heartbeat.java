package io.taskbroker.application;

import io.taskbroker.domain.TimeSource;
import java.time.Duration;

/**
 * The sign of life of one loop. Beaten by the loop, read by a watchdog; safe for all threads.
 *
 * <p>A rest counts as life: it is announced, and the loop is expected back after it.
 */
public final class Heartbeat {
  private final String name;
  private final TimeSource time;
  private final Duration longestTurn;
  private volatile long expectedByMs;
  private volatile boolean ended;

  /**
   * @param longestTurn how long a turn may rightly take, besides what the watchdog forgives any
   *     loop
   */
  public Heartbeat(String name, TimeSource time, Duration longestTurn) {
    this.name = name;
    this.time = time;
    this.longestTurn = longestTurn;
    beat();
  }

  public String name() {
    return name;
  }

  /** The loop begins a turn. */
  public void beat() {
    expectedByMs = time.now().plus(longestTurn).monotonicMs();
  }

  /** The loop rests for so long at most. */
  public void rest(Duration rest) {
    expectedByMs = time.now().plus(rest).monotonicMs();
  }

  /** The loop was closed, and is missed by nobody. */
  public void end() {
    ended = true;
  }

  /** For how long the loop has been overdue; zero or less if it is not. */
  public Duration overdue() {
    return ended ? Duration.ZERO : Duration.ofMillis(time.now().monotonicMs() - expectedByMs);
  }
}
