package io.taskbroker.benchmarks.postgres;

import io.taskbroker.adapters.postgres.PostgresSettings;
import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** Our store on a server that is near: against others, and against itself under a burden. */
final class StoreParts {
  private static final int USUAL = 1_000;
  private static final int LONG = 200_000;

  /** What is called the beginning of a database. */
  private static final Duration YOUNG = Duration.ofSeconds(10);

  private StoreParts() {}

  /** Beside the reference's statements, and beside small transactions. */
  static void lifecycle(Stage stage) {
    Figures figures = stage.figures();
    SmallTransactions small = SmallTransactions.prepare(stage.server(), stage.cpu());
    Duration measured = stage.lengths().measured();
    var reference = new Pairs("the reference's way; ours");
    var transactions = new Pairs(small.described() + ", not synced; ours");
    try (Load theirs =
            Load.on(ReferencesWay.open(stage.server(), stage.server().createDatabase()), USUAL);
        Load ours = Load.on(OwnBroker.open(stage.migrated(), 0), USUAL)) {
      for (int round = 1; round <= stage.lengths().rounds(); round++) {
        Pace theirPace = stage.measure(theirs);
        Pace ourPace = stage.measure(ours);
        reference.add(figures, theirPace, ourPace);
        Pace unsynced = small.measure("off", measured);
        transactions.add(figures, unsynced, ourPace);
      }
    }
    Pace synced = small.measure("on", measured);
    figures.remark(small.described() + ", synced: " + synced);
    Pace.addTo(figures, "postgres.lifecycle", reference.other());
    Pace.addTo(figures, "postgres.reference", reference.one());
    figures.add("postgres.pgbench.synced.rate", synced.rate(), "transactions/s");
    figures.add("postgres.pgbench.rate", rate(transactions), "transactions/s");
    Verdicts verdicts = stage.verdicts();
    verdicts.atLeast(
        "postgres.lifecycle.cpu_vs_reference", 1 / reference.ratio(Pace::cpuMicros), 10, "x_less");
    verdicts.atLeast("postgres.lifecycle.rate_vs_reference", reference.ratio(Pace::rate), 5, "x");
    verdicts.atLeast("postgres.lifecycle.rate_vs_pgbench", transactions.ratio(Pace::rate), 2, "x");
  }

  /** A long backlog against a short one. */
  static void backlog(Stage stage) {
    var pairs = new Pairs("backlog of 1,000; of 200,000");
    try (Load few = Load.on(OwnBroker.open(stage.migrated(), 0), USUAL);
        Load many = Load.on(OwnBroker.open(stage.migrated(), 0), LONG)) {
      for (int round = 1; round <= stage.lengths().rounds(); round++) {
        Pace first = stage.measure(few);
        pairs.add(stage.figures(), first, stage.measure(many));
      }
    }
    Pace.addTo(stage.figures(), "postgres.backlog_1000", pairs.one());
    Pace.addTo(stage.figures(), "postgres.backlog_200000", pairs.other());
    stage.verdicts().atLeast("postgres.backlog.ratio", pairs.ratio(Pace::rate), 0.8, "x");
  }

  /**
   * Two databases in turns. In one somebody looks at a snapshot all the time, which keeps what is
   * dead from being removed there; in the other nobody does.
   */
  static void snapshot(Stage stage) {
    PostgresSettings held = stage.migrated();
    var pairs = new Pairs("no snapshot; one held");
    long done;
    try (Load free = Load.on(OwnBroker.open(stage.migrated(), 0), USUAL);
        Load burdened = Load.on(OwnBroker.open(held, 0), USUAL);
        Connection holder = stage.server().connect(held.place().database())) {
      hold(holder);
      long end = System.nanoTime() + stage.lengths().held().toNanos();
      do {
        Pace first = stage.measure(free);
        pairs.add(stage.figures(), first, stage.measure(burdened));
      } while (System.nanoTime() - end < 0);
      done = burdened.tally().done();
    } catch (SQLException e) {
      throw new IllegalStateException("the snapshot was not held", e);
    }
    int third = Math.max(3, pairs.one().size() / 3);
    Pairs last = pairs.last(third);
    stage
        .figures()
        .remark(
            "a snapshot was held for %.1f min and %,d tasks; the ratio is of the last %d pairs"
                .formatted(stage.lengths().held().toSeconds() / 60.0, done, last.one().size()));
    Pace.addTo(stage.figures(), "postgres.snapshot.none", last.one());
    Pace.addTo(stage.figures(), "postgres.snapshot.held", last.other());
    stage.verdicts().atLeast("postgres.snapshot.ratio", last.ratio(Pace::rate), 0.8, "x");
    // Beside a side that has become slow by itself, any other would look well.
    stage
        .verdicts()
        .atLeast("postgres.snapshot.none.kept", rate(last) / rate(pairs.first(third)), 0.8, "x");
  }

  /** The median of the way that is named first. */
  private static double rate(Pairs pairs) {
    return Verdicts.median(pairs.one().stream().mapToDouble(Pace::rate));
  }

  private static void hold(Connection holder) throws SQLException {
    holder.setAutoCommit(false);
    holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    try (Statement first = holder.createStatement()) {
      first.execute("SELECT count(*) FROM taskbroker_task");
    }
  }

  /**
   * The first seconds of a database against those after its statistics were gathered. Either may
   * bring the server to read whole tables for each group, which the spread shows.
   */
  static void fresh(Stage stage) {
    var pairs = new Pairs("after ANALYZE; in its first 10 s");
    for (int round = 1; round <= stage.lengths().rounds(); round++) {
      PostgresSettings database = stage.migrated();
      try (Load load = Load.on(OwnBroker.open(database, 0), USUAL)) {
        Pace young = Pace.of(List.of(load), stage.cpu(), Duration.ZERO, YOUNG);
        stage.server().run(database.place().database(), "ANALYZE");
        Pace known = stage.measure(load);
        pairs.add(stage.figures(), known, young);
      }
      stage.clear(); // or its dead rows would be removed during the next round
    }
    Pace.addTo(stage.figures(), "postgres.fresh", pairs.other());
    Pace.addTo(stage.figures(), "postgres.analyzed", pairs.one());
    stage.verdicts().atLeast("postgres.fresh.ratio", pairs.ratio(Pace::rate), 0.8, "x");
    stage.verdicts().atMost("postgres.fresh.cpu_spread", pairs.spread(), 2, "x");
  }
}
