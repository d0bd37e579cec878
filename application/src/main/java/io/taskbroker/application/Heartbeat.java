package io.taskbroker.application;

import io.taskbroker.domain.TimeSource;
import java.time.Duration;

/**
 * The sign of life of one loop. Beaten by the loop, read by a watchdog; safe for all threads.
 *
 * <p>A rest counts as life: it is announced, and the loop is expected back after it. So does
 * waiting for work, which may take for ever.
 */
public final class Heartbeat {
  private final String name;
  private final TimeSource time;
  private final Duration longestTurn;
  private final String silence;
  private final String advice;
  private volatile long expectedByMs;
  private volatile boolean ended;

  /**
   * @param longestTurn how long a turn may rightly take, besides what the watchdog forgives any
   *     loop
   */
  public Heartbeat(String name, TimeSource time, Duration longestTurn) {
    this(
        name,
        time,
        longestTurn,
        "it does not come back from its turn",
        "Take a thread dump (SIGQUIT), which shows what it waits for, and restart the broker if it"
            + " does not go on.");
  }

  /**
   * @param silence what it means if it does not come back, for an operator
   * @param advice what to do then, in sentences
   */
  public Heartbeat(
      String name, TimeSource time, Duration longestTurn, String silence, String advice) {
    this.name = name;
    this.time = time;
    this.longestTurn = longestTurn;
    this.silence = silence;
    this.advice = advice;
    beat();
  }

  public String silence() {
    return silence;
  }

  public String advice() {
    return advice;
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

  /** The loop begins a turn that may rightly take so long. */
  public void beat(Duration longest) {
    expectedByMs = time.now().plus(longest).monotonicMs();
  }

  /** There is nothing to do; the loop comes back when there is. */
  public void idle() {
    expectedByMs = Long.MAX_VALUE;
  }

  /** The loop was closed, and is missed by nobody. */
  public void end() {
    ended = true;
  }

  /** For how long the loop has been overdue; zero or less if it is not. */
  public Duration overdue() {
    long expected = expectedByMs;
    return ended || expected == Long.MAX_VALUE
        ? Duration.ZERO
        : Duration.ofMillis(time.now().monotonicMs() - expected);
  }
}
