package io.taskbroker.workload.ledger;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * When brokers stood still because somebody stopped their processes. What such a broker hands out
 * when it goes on it may have decided on before. Safe for all threads.
 */
final class Stops {
  /** For so long after a stop a broker still hands out what it had decided on before. */
  private static final long AFTERWARDS = Duration.ofSeconds(2).toNanos();

  private final Map<String, Stop> stops = new HashMap<>();

  /** One stop, or several with little in between. */
  private record Stop(long fromNanos, boolean goesOn, long untilNanos) {
    boolean reaches(long nanos) {
      return !goesOn || nanos - untilNanos <= AFTERWARDS;
    }
  }

  synchronized void begin(String broker, long nowNanos) {
    Stop last = stops.get(broker);
    long from = last != null && last.reaches(nowNanos) ? last.fromNanos() : nowNanos;
    stops.put(broker, new Stop(from, false, 0));
  }

  synchronized void end(String broker, long nowNanos) {
    stops.computeIfPresent(broker, (_, stop) -> new Stop(stop.fromNanos(), true, nowNanos));
  }

  /** The earliest moment at which a broker can have decided what a worker has now. */
  synchronized long decidedAt(String broker, long askedNanos, long nowNanos) {
    Stop last = stops.get(broker);
    if (last == null || !last.reaches(nowNanos)) {
      return askedNanos;
    }
    return last.fromNanos() - askedNanos < 0 ? last.fromNanos() : askedNanos;
  }
}
