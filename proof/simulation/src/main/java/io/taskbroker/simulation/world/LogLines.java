package io.taskbroker.simulation.world;

import io.taskbroker.simulation.schedule.Scheduler;
import io.taskbroker.simulation.world.Violation.Kind;
import java.util.List;

/** Looks for lines that tell of a defect, and for too many lines. */
final class LogLines {
  /** What the core says only of what it did not expect. */
  private static final List<String> DEFECTS =
      List.of("Something unexpected happened", "hit a defect");

  /** In ten seconds of all brokers together, which say much at a start. */
  private static final int MOST_LINES = 300;

  private static final long SPAN_NANOS = 10_000_000_000L;

  private final Scheduler scheduler;
  private final Ledger ledger;
  private long spanBegan;
  private int lines;

  LogLines(Scheduler scheduler, Ledger ledger) {
    this.scheduler = scheduler;
    this.ledger = ledger;
  }

  void judge(String level, String line, String thrown) {
    if (level.equals("ERROR") && DEFECTS.stream().anyMatch(line::contains)) {
      ledger.violated(Kind.DEFECT, line + " (" + thrown + ")");
    }
    if (scheduler.nanos() - spanBegan > SPAN_NANOS) {
      spanBegan = scheduler.nanos();
      lines = 0;
    }
    if (++lines > MOST_LINES) {
      ledger.violated(Kind.FLOOD, lines + " log lines in ten seconds, the last one: " + line);
    }
  }
}
