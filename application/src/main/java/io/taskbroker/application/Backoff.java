package io.taskbroker.application;

import java.time.Duration;

/**
 * Rests between attempts that fail: each is twice as long as the one before, up to a bound. Not
 * safe for several threads.
 */
public final class Backoff {
  private final Duration first;
  private final Duration longest;
  private Duration next;

  public Backoff(Duration first, Duration longest) {
    this.first = first;
    this.longest = longest;
    this.next = first;
  }

  /** The rest after one more failure. */
  public Duration next() {
    Duration rest = next;
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(longest) > 0 ? longest : doubled;
    return rest;
  }

  /** An attempt has succeeded: the next failure is a first one again. */
  public void reset() {
    next = first;
  }
}
