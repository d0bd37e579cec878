package io.taskbroker.application.push;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Moment;

/** One push from its decision to its end. Compared by identity: a task may be pushed again. */
final class PushUnderWay {
  private final Delivered delivered;
  private final ConnectionState over;
  private final Moment since;
  private final int doubts;

  /**
   * @param over the connection that it was decided for
   * @param since when it was decided
   */
  PushUnderWay(Delivered delivered, ConnectionState over, Moment since) {
    this.delivered = delivered;
    this.over = over;
    this.since = since;
    this.doubts = over.doubts();
  }

  Delivered delivered() {
    return delivered;
  }

  ConnectionState over() {
    return over;
  }

  Moment since() {
    return since;
  }

  /** How often the connection had been in doubt by then. */
  int doubts() {
    return doubts;
  }

  long bytes() {
    return delivered.payload().length;
  }

  boolean isAtMostOnce() {
    return delivered.claim().activation().isAtMostOnce();
  }
}
