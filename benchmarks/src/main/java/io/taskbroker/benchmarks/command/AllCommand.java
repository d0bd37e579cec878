package io.taskbroker.benchmarks.command;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.TemporaryFolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Every benchmark, one after the other. */
@Command(
    name = "all",
    description = {
      "Runs every benchmark, each in a process of its own as if it were started alone, and ends"
          + " with a table of all figures. Takes about an hour; remarks say which one runs.",
      "All have their usual lengths but two: soak lasts 10 minutes, and store measures what matters"
          + " most. With --long they have theirs, which takes an hour more.",
      "A benchmark that fails, or whose figures miss a bound, makes the exit code 1. The others run"
          + " nonetheless."
    },
    mixinStandardHelpOptions = true)
public final class AllCommand implements Callable<Integer> {
  /** What takes little time first. */
  static final List<Entry> SHORT =
      List.of(
          Entry.of("drain"),
          Entry.of("flood"),
          Entry.of("push"),
          Entry.of("exchange"),
          Entry.of("latency"),
          Entry.of("longpoll"),
          Entry.of("spike"),
          Entry.of("grpc"),
          Entry.of("neighbour"),
          Entry.of("start"),
          Entry.of("memory"),
          Entry.of("stall"),
          Entry.of("store", "--quick"),
          Entry.of("look"),
          Entry.of("postgres"),
          Entry.of("soak", "--minutes", "10"));

  @Option(names = "--long", description = "Two benchmarks have their usual length, too.")
  private boolean isLong;

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    List<Outcome> outcomes = new ArrayList<>();
    long start = System.nanoTime();
    try (var folder = TemporaryFolder.create()) {
      for (Entry entry : SHORT) {
        Entry asked = isLong ? Entry.of(entry.name()) : entry;
        figures.remark(
            "=== bench %s, %d min after the start"
                .formatted(asked, Duration.ofNanos(System.nanoTime() - start).toMinutes()));
        outcomes.add(OwnProcess.run(asked, folder.resolve(asked.name() + ".txt"), figures::remark));
      }
    }
    figures.remark("\n" + Table.of(outcomes));
    return outcomes.stream().allMatch(Outcome::isGood) ? 0 : 1;
  }
}
