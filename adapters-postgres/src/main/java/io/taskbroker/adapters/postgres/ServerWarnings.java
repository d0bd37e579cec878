package io.taskbroker.adapters.postgres;

import io.taskbroker.adapters.postgres.TableSight.Holder;
import io.taskbroker.application.Elapsed;
import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of what makes a server slower or wrong by and by, and stops nothing: dead rows that stay,
 * and a clock that is off. Each of them is said once in ten minutes at most.
 */
final class ServerWarnings {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** A dump of a large database takes some minutes. */
  static final Duration OLD = Duration.ofMinutes(10);

  /** Fewer than these cost nothing that anybody would notice. */
  static final long MANY_DEAD = 100_000;

  /** Well above what a working time service leaves. */
  static final Duration FAR_OFF = Duration.ofSeconds(5);

  private static final Duration BETWEEN_LINES = Duration.ofMinutes(10);

  private final PostgresPlace place;
  private final Sparsely ofTables;
  private final Sparsely ofClocks;

  ServerWarnings(PostgresPlace place, TimeSource time) {
    this.place = place;
    this.ofTables = new Sparsely(time, BETWEEN_LINES);
    this.ofClocks = new Sparsely(time, BETWEEN_LINES);
  }

  void look(TableSight sight) {
    ofTables(sight).ifPresent(line -> say(ofTables, line));
  }

  /**
   * @param ahead how far the server's clock is ahead of this broker's; may be negative
   */
  void look(Duration ahead) {
    ofClock(ahead).ifPresent(line -> say(ofClocks, line));
  }

  private static void say(Sparsely lines, String line) {
    if (lines.count(1) > 0) {
      LOG.warn(line);
    }
  }

  /** What is to be said of these tables, if anything is. */
  Optional<String> ofTables(TableSight sight) {
    Holder oldest = sight.oldest();
    if (oldest != null && oldest.age().compareTo(OLD) >= 0) {
      return Optional.of(
          "%s has had a transaction open in %s for %s. Until it ends, rows that are over cannot be removed: there are %d by now, and the tables grow. Let it end, or end it: %s"
              .formatted(
                  oldest.what(),
                  place,
                  Elapsed.text(oldest.age()),
                  sight.deadRows(),
                  oldest.remedy()));
    }
    if (sight.deadRows() >= MANY_DEAD && sight.deadRows() > 2 * sight.liveRows()) {
      return Optional.of(
          "The tables of %s have %d rows that are over and not removed, beside %d others: autovacuum does not keep up. See that it is on and has workers free (autovacuum, autovacuum_max_workers), and that no replication slot and no transaction is old; of the sessions of others this broker sees only what its user may (pg_read_all_stats)"
              .formatted(place, sight.deadRows(), sight.liveRows()));
    }
    return Optional.empty();
  }

  /** What is to be said of a clock that is ahead so far, if anything is. */
  Optional<String> ofClock(Duration ahead) {
    if (ahead.abs().compareTo(FAR_OFF) < 0) {
      return Optional.empty();
    }
    return Optional.of(
        "The clock of %s is %s %s this broker's. Deadlines and leases are stored by the server's clock and stay right; expiry, delays and the times that are shown go by the clock of each broker. See that both hosts keep time (NTP)"
            .formatted(
                place, Elapsed.text(ahead.abs()), ahead.isNegative() ? "behind" : "ahead of"));
  }
}
