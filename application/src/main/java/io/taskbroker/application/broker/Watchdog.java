package io.taskbroker.application.broker;

import io.taskbroker.application.Heartbeat;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Says which threads do not come back, and what to do, and reminds people of what stands still. It
 * waits for nobody, so that it can say so of everybody. Used by one loop.
 */
final class Watchdog {
  /** How often it looks. */
  static final Duration REST = Duration.ofSeconds(1);

  /** Beyond what its turn may take, a thread that is that late hangs. */
  private static final Duration LATE = Duration.ofSeconds(5);

  private final Troubles troubles;
  private final Set<String> late = new LinkedHashSet<>();

  Watchdog(Troubles troubles) {
    this.troubles = troubles;
  }

  /** Zero, so that the loop rests. */
  int turn() {
    List<Heartbeat> overdue = troubles.health().overdue(LATE);
    for (Heartbeat one : overdue) {
      if (late.add(one.name())) {
        troubles.stalls().begin(what(one.name()), one.silence(), one.advice());
      }
    }
    late.removeIf(name -> isBack(name, overdue));
    troubles.stalls().remind();
    troubles.lookWhetherTheStoreGoesOn();
    return 0;
  }

  private boolean isBack(String name, List<Heartbeat> overdue) {
    boolean back = overdue.stream().noneMatch(one -> one.name().equals(name));
    if (back) {
      troubles.stalls().end(what(name));
    }
    return back;
  }

  private static String what(String name) {
    return "Thread " + name;
  }
}
