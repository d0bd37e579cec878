package io.taskbroker.workload.ledger;

/**
 * When the clocks of brokers were wrong: a delay and an expiry are counted from a sender's time.
 */
final class WrongClocks {
  private int wrong;
  private boolean everWrong;
  private long rightSinceNanos;

  synchronized void begin() {
    wrong++;
    everWrong = true;
  }

  synchronized void end(long nowNanos) {
    wrong--;
    rightSinceNanos = nowNanos;
  }

  /** Whether one has been wrong at any time since then. */
  synchronized boolean wereWrongSince(long nanos) {
    return wrong > 0 || (everWrong && rightSinceNanos - nanos >= 0);
  }
}
