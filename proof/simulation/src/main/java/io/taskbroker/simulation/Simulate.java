package io.taskbroker.simulation;

import io.taskbroker.simulation.plan.Plan;
import io.taskbroker.simulation.plan.Seeds;
import io.taskbroker.simulation.plan.Simulation;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./taskbroker simulate} plays the whole core in a world of seeded faults. */
@Command(
    name = "taskbroker simulate",
    description = {
      "Plays the whole core in a simulated world: virtual time, one step at a time, and faults of"
          + " Kafka, disks, clocks, workers and processes, all of which follow from a seed.",
      "For a seed that fails, the shortest history that still fails is printed."
    },
    usageHelpWidth = 100,
    sortOptions = false)
public final class Simulate implements Callable<Integer> {
  private static final int MOST_EXPLAINED = 3;
  private static final Duration FOR_EVER = Duration.ofDays(365);

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "How many seeds; 2000, or as many as there is time for with --minutes.")
  private @Nullable Long seeds;

  @Option(
      names = "--from",
      paramLabel = "S",
      defaultValue = "1",
      description = "The first seed. Default: ${DEFAULT-VALUE}.")
  private long from;

  @Option(names = "--minutes", paramLabel = "M", description = "Begins no seed after so long.")
  private @Nullable Integer minutes;

  @Option(
      names = "--history",
      paramLabel = "S",
      description =
          "Prints all that happens with seed S, whether it fails or not, and nothing else.")
  private @Nullable Long history;

  @Option(
      names = "--shared",
      description = "Plays brokers that keep their rows in one place, instead of a file each.")
  private boolean shared;

  @Option(names = "--first", description = "Begins no seed after one that fails.")
  private boolean first;

  @Option(
      names = "--brief",
      description = "Prints one line for each seed that fails, and no history.")
  private boolean brief;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text.")
  @SuppressWarnings("unused") // picocli looks at the option
  private boolean help;

  private final PrintStream out = System.out;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Simulate()).execute(arguments));
  }

  @Override
  public Integer call() {
    if (history != null) {
      out.print(Simulation.describe(plan(history)));
      return 0;
    }
    long began = System.nanoTime();
    Seeds.Outcome outcome =
        first
            ? Seeds.playToFailure(this::plan, from, count(), longest(), threads())
            : Seeds.play(this::plan, from, count(), longest(), threads());
    double seconds = (System.nanoTime() - began) / 1e9;
    explain(outcome.failures());
    out.printf(
        Locale.ROOT,
        "seeds=%d failed=%d steps=%d virtual_hours=%.1f seconds=%.1f%n",
        outcome.played(),
        outcome.failures().size(),
        outcome.steps(),
        outcome.virtual().toSeconds() / 3600.0,
        seconds);
    return outcome.failures().isEmpty() ? 0 : 1;
  }

  private Plan plan(long seed) {
    return shared ? Simulation.planShared(seed) : Simulation.plan(seed);
  }

  private long count() {
    if (seeds != null) {
      return seeds;
    }
    return minutes == null ? 2_000 : Long.MAX_VALUE - from;
  }

  private Duration longest() {
    return minutes == null ? FOR_EVER : Duration.ofMinutes(minutes);
  }

  private static int threads() {
    return Runtime.getRuntime().availableProcessors();
  }

  private void explain(List<Seeds.Failure> failures) {
    for (Seeds.Failure failure : failures) {
      out.println("seed " + failure.seed() + " fails: " + failure.violation());
    }
    if (!brief) {
      failures.stream()
          .limit(MOST_EXPLAINED)
          .forEach(failure -> Simulation.explain(plan(failure.seed())).ifPresent(out::println));
    }
  }
}
