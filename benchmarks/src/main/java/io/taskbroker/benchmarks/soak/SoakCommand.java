package io.taskbroker.benchmarks.soak;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.TemporaryFolder;
import io.taskbroker.benchmarks.Verdicts;
import io.taskbroker.benchmarks.broker.BrokerOptions;
import io.taskbroker.benchmarks.broker.BrokerUnderTest;
import io.taskbroker.workload.load.WorkerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whether a broker is after an hour as it was after five minutes. */
@Command(
    name = "soak",
    description = {
      "Runs the packaged broker for a long time at half of what it can do, and says whether"
          + " anything has drifted: heap after collections, resident memory, sizes of store,"
          + " write-ahead log and log, open files, threads, lag, latency, processor time of a"
          + " task.",
      "64 workers over 4 connections wait for tasks of 1 KB; one in 500 has 1, 3 or 5 MB."
          + " What the broker can do is measured first, in some two minutes, by tasks of that mix"
          + " that come as fast as Kafka takes them and are done meanwhile.",
      "The first five minutes are warm-up, or a quarter of a run that is shorter than 20. What"
          + " follows is cut into thirds; the last must hold a bound that follows from the first"
          + " (held), or else the exit code is 1 (FELL).",
      "The last lines name a file with all samples and one with their plot."
    },
    mixinStandardHelpOptions = true)
public final class SoakCommand implements Callable<Integer> {
  private static final int WORKERS = 64;
  private static final int CONNECTIONS = 4;
  private static final int MINUTE = 60;
  private static final int LONGEST_WARM_UP = 5 * MINUTE;
  private static final int FEWEST_WINDOWS = 4;

  /** Shorter than the workers wait for their last calls when they close. */
  private static final Duration WAIT = Duration.ofSeconds(10);

  /** Kafka keeps some minutes of the load, and not an hour of it. */
  private static final Map<String, String> RETENTION =
      Map.of(
          "log.retention.bytes",
          Long.toString(3L << 30),
          "log.segment.bytes",
          Integer.toString(256 << 20),
          "log.retention.check.interval.ms",
          "10000",
          "log.segment.delete.delay.ms",
          "1000");

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "45",
      description = "How long the load lasts; ${DEFAULT-VALUE} by default.")
  private int minutes;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description =
          "Tasks a second, rather than half of what is measured; nothing is measured then.")
  private @Nullable Integer rate;

  @Option(
      names = "--large-each",
      paramLabel = "N",
      defaultValue = "500",
      description = "One task in so many is large; ${DEFAULT-VALUE} by default, 0 for none.")
  private int largeEach;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = "15",
      description = "How often a sample is taken; ${DEFAULT-VALUE} by default.")
  private int every;

  @Option(
      names = "--to",
      paramLabel = "FOLDER",
      defaultValue = "target/soak",
      description = "Gets soak.csv and soak.png; ${DEFAULT-VALUE} by default.")
  private Path to = Path.of("target/soak");

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec command;

  @Override
  public Integer call() {
    check();
    var figures = new Figures(System.out);
    var verdicts = new Verdicts(figures);
    Path csv = output("soak.csv");
    List<Sample> samples = soak(figures, verdicts, csv);
    Drift.of(samples, warmUpWindows()).judge(figures, verdicts);
    figures.print();
    figures.remark("samples: " + csv);
    figures.remark("plot: " + Plot.draw(samples, output("soak.png")));
    return verdicts.fallen() == 0 ? 0 : 1;
  }

  private void check() {
    if (every < 1 || windows() < FEWEST_WINDOWS || largeEach < 0 || (rate != null && rate < 1)) {
      throw new ParameterException(
          command.commandLine(),
          "needs at least four samples, one task a second, and no negative number of large ones");
    }
  }

  private int windows() {
    return minutes * MINUTE / every;
  }

  private int warmUpWindows() {
    int warmUp = Math.min(LONGEST_WARM_UP, minutes * MINUTE / 4);
    return Math.ceilDiv(warmUp, every);
  }

  private List<Sample> soak(Figures figures, Verdicts verdicts, Path csv) {
    try (var folder = TemporaryFolder.create();
        var file = SampleFile.create(csv)) {
      Path log = folder.resolve("collector.log");
      try (var broker =
          BrokerUnderTest.start(
              options.with(CollectorLog.option(log)),
              figures,
              UnaryOperator.identity(),
              RETENTION)) {
        WorkerSettings pool = broker.workers(WORKERS, CONNECTIONS);
        int tasksASecond = rate != null ? rate : half(broker, pool, figures);
        var soak = new Soak(tasksASecond, largeEach, windows(), every);
        figures.remark("soak: %d tasks/s for %d minutes".formatted(tasksASecond, minutes));
        var collector = new CollectorLog(log);
        return soak.run(broker, pool.waiting(WAIT), collector, file, figures, verdicts);
      }
    }
  }

  private int half(BrokerUnderTest broker, WorkerSettings pool, Figures figures) {
    double most = Capacity.measure(broker, pool, largeEach, figures);
    figures.remark("capacity: %.0f tasks/s, large ones among them".formatted(most));
    return (int) Math.max(1, Math.round(most / 2));
  }

  private Path output(String name) {
    try {
      return Files.createDirectories(to.toAbsolutePath().normalize()).resolve(name);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + to, e);
    }
  }
}
