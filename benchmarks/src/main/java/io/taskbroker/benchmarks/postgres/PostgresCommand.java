package io.taskbroker.benchmarks.postgres;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.broker.BrokerOptions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The store in Postgres. */
@Command(
    name = "postgres",
    description = {
      "What the store in Postgres costs its server, and how fast it is, on a server that is started"
          + " on this machine. Some six minutes in all.",
      "lifecycle: a task is stored, claimed and completed, by 64 callers; beside the statements of"
          + " getsentry/taskbroker, and beside pgbench. backlog: 200,000 tasks that wait, against"
          + " 1,000. snapshot: somebody holds a snapshot. fresh: the first seconds of a database."
          + " brokers: one and two. delay: a server that is further away. latency: claims at 500 a"
          + " second, 0.5 ms away. drain: workers of the packaged broker, beside SQLite. idle: the"
          + " packaged broker without tasks.",
      "A figure with a bound says in its unit whether it was held. Exit code 1: one was not."
    },
    mixinStandardHelpOptions = true)
public final class PostgresCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "PART",
      description = "Any of ${COMPLETION-CANDIDATES}; all of them by default.")
  private List<Part> parts = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How long each single measurement takes; ${DEFAULT-VALUE} by default.")
  private int seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "2",
      description = "How often ways are compared, in turns; ${DEFAULT-VALUE} by default.")
  private int rounds;

  @Option(
      names = "--held-minutes",
      paramLabel = "N",
      defaultValue = "0.5",
      description =
          "How long a snapshot is held; ${DEFAULT-VALUE} by default. A backup holds one for 10.")
  private double heldMinutes;

  @Option(
      names = "--server",
      paramLabel = "NAME=VALUE",
      description =
          "A setting of the server; as often as wanted. Without it the server has what"
              + " docs/postgres.md tells to give it, shared_buffers=2GB and max_wal_size=8GB."
              + " Postgres' own defaults are 128MB and 1GB.")
  private Map<String, String> settings = Map.of();

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    var lengths =
        new Lengths(
            Duration.ofSeconds(seconds), rounds, Duration.ofMillis((long) (heldMinutes * 60_000)));
    Set<Part> asked = parts.isEmpty() ? EnumSet.allOf(Part.class) : EnumSet.copyOf(parts);
    int fallen;
    try (Stage stage = Stage.open(figures, settings, lengths, options)) {
      stage.warmUp();
      stage.clear();
      long start = System.nanoTime();
      for (Part part : asked) {
        figures.remark(
            "--- %s, %d s after the start"
                .formatted(part, Duration.ofNanos(System.nanoTime() - start).toSeconds()));
        part.measure(stage);
        stage.clear();
      }
      fallen = stage.verdicts().fallen();
    }
    figures.print();
    return fallen == 0 ? 0 : 1;
  }
}
