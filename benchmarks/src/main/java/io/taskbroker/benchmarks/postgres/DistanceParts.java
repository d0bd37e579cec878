package io.taskbroker.benchmarks.postgres;

import io.taskbroker.adapters.postgres.PostgresSettings;
import io.taskbroker.benchmarks.Figures;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Several brokers, and a server that is further away. */
final class DistanceParts {
  private static final int BACKLOG = 1_000;
  private static final Duration HALF = Duration.ofNanos(500_000);
  private static final Duration WHOLE = Duration.ofMillis(1);

  private static final int CLAIMS_PER_SECOND = 500;
  private static final Duration STEADY = Duration.ofSeconds(15);
  private static final Duration BEFORE_STEADY = Duration.ofSeconds(3);
  private static final int TRIPS = 500;

  private DistanceParts() {}

  /** One broker and two, each with a partition of its own, over one database. */
  static void brokers(Stage stage) {
    Pairs near = oneAndTwo(stage, stage.migrated(), "one broker; two");
    addTo(stage.figures(), "postgres.brokers", near);
    stage
        .verdicts()
        .atMost("postgres.brokers.cpu_ratio", near.ratio(Pace::cpuMicros), 1.2, "x_per_task");
    try (SlowLink link = SlowLink.to(stage.server().port(), WHOLE)) {
      PostgresSettings database = Stage.through(link, stage.migrated());
      Pairs far = oneAndTwo(stage, database, "one broker 1 ms away; two");
      addTo(stage.figures(), "postgres.brokers_1ms", far);
      stage.verdicts().atLeast("postgres.brokers_1ms.ratio", far.ratio(Pace::rate), 1.6, "x");
    }
  }

  private static Pairs oneAndTwo(Stage stage, PostgresSettings database, String names) {
    var pairs = new Pairs(names);
    try (Load first = Load.on(OwnBroker.open(database, 0), BACKLOG);
        Load second = Load.on(OwnBroker.open(database, 1), BACKLOG)) {
      for (int round = 1; round <= stage.lengths().rounds(); round++) {
        Pace alone = stage.measure(first);
        pairs.add(stage.figures(), alone, stage.measure(List.of(first, second)));
      }
    }
    return pairs;
  }

  private static void addTo(Figures figures, String name, Pairs pairs) {
    Pace.addTo(figures, name + ".one", pairs.one());
    Pace.addTo(figures, name + ".two", pairs.other());
    figures.add(name + ".two_vs_one", pairs.ratio(Pace::rate), "x");
  }

  /** The server here, half a millisecond away, and a whole one. */
  static void delay(Stage stage) {
    measureAt(stage, stage.migrated(), "postgres.delay_0");
    for (Duration delay : List.of(HALF, WHOLE)) {
      try (SlowLink link = SlowLink.to(stage.server().port(), delay)) {
        measureAt(
            stage,
            Stage.through(link, stage.migrated()),
            "postgres.delay_%dus".formatted(delay.toNanos() / 1_000));
      }
    }
  }

  private static void measureAt(Stage stage, PostgresSettings database, String name) {
    double trip = tripMillis(database);
    try (Load load = Load.on(OwnBroker.open(database, 0), BACKLOG)) {
      Pace pace = stage.measure(load);
      stage.figures().remark("%s, a round trip takes %.2f ms: %s".formatted(name, trip, pace));
      stage.figures().add(name + ".round_trip", trip, "ms");
      Pace.addTo(stage.figures(), name, List.of(pace));
    }
  }

  /** The median of what a statement takes that does nothing. */
  private static double tripMillis(PostgresSettings database) {
    Histogram micros = new Histogram(3);
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/%s"
                    .formatted(database.place().port(), database.place().database()),
                database.worker().user(),
                database.worker().password());
        PreparedStatement nothing = connection.prepareStatement("SELECT 1")) {
      for (int i = 0; i < TRIPS; i++) {
        long start = System.nanoTime();
        try (ResultSet row = nothing.executeQuery()) {
          row.next();
        }
        micros.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the server cannot be reached through the link", e);
    }
    return micros.getValueAtPercentile(50) / 1e3;
  }

  /** Claims that come at a steady rate, whether or not the ones before are answered. */
  static void latency(Stage stage) {
    try (SlowLink link = SlowLink.to(stage.server().port(), HALF);
        OwnBroker broker = OwnBroker.open(Stage.through(link, stage.migrated()), 0)) {
      Load load = Load.on(broker, BACKLOG);
      load.produceAtOnce();
      claimSteadily(broker, load.tally(), BEFORE_STEADY);
      load.tally().takeClaimMicros();
      claimSteadily(broker, load.tally(), STEADY);
      load.end();
      Histogram micros = load.tally().takeClaimMicros();
      Figures figures = stage.figures();
      figures.add("postgres.latency.claims", (double) micros.getTotalCount(), "claims");
      figures.add("postgres.latency.p50", micros.getValueAtPercentile(50) / 1e3, "ms");
      figures.add("postgres.latency.max", micros.getMaxValue() / 1e3, "ms");
      stage
          .verdicts()
          .atMost("postgres.latency.p99", micros.getValueAtPercentile(99) / 1e3, 10, "ms");
    }
  }

  private static void claimSteadily(OwnBroker broker, Tally tally, Duration span) {
    long start = System.nanoTime();
    long count = span.toSeconds() * CLAIMS_PER_SECOND;
    List<CompletionStage<?>> begun = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      long due = start + i * TimeUnit.SECONDS.toNanos(1) / CLAIMS_PER_SECOND;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      begun.add(broker.lifecycle(tally, due));
    }
    CompletableFuture.allOf(
            begun.stream()
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }
}
