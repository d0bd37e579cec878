package io.taskbroker.quickstart;

import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Latency;
import io.taskbroker.workload.ledger.Ledger;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** What has happened since the last line, and what is under way. */
final class LiveLine {
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final Ledger ledger;
  private Account last;

  LiveLine(Ledger ledger) {
    this.ledger = ledger;
    this.last = ledger.account();
  }

  String next() {
    Account now = ledger.account();
    Latency latency = ledger.recentLatency();
    String line =
        ("%s  produced %5d  completed %5d  failed %4d  retried %4d  dead-lettered %4d"
                + "  under way %5d  Kafka to worker p50 %.1f ms, p99 %.1f ms")
            .formatted(
                CLOCK.format(LocalTime.now(ZoneId.systemDefault())),
                now.produced() - last.produced(),
                now.completed() - last.completed(),
                now.discarded() - last.discarded(),
                now.retried() - last.retried(),
                now.deadLettered() - last.deadLettered(),
                now.open(),
                latency.p50(),
                latency.p99());
    last = now;
    return line;
  }

  /** Tasks that had come to their end by the last line. */
  long ended() {
    return last.produced() - last.open();
  }

  /** Grows with whatever happened by the last line. */
  long progress() {
    return last.produced() + last.handedOut() + last.retried() + ended();
  }
}
