package io.taskbroker.proving.chaos;

import io.taskbroker.embeddedkafka.FolderLock;
import io.taskbroker.proving.machine.PreloadedLibrary;
import io.taskbroker.workload.Folders;
import io.taskbroker.workload.Programs;
import io.taskbroker.workload.ledger.Repeat;
import io.taskbroker.workload.process.BrokerProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./taskbroker chaos} breaks everything around three brokers, and counts what was lost. */
@Command(
    name = "taskbroker chaos",
    description = {
      "Three packaged brokers of one group, a real Kafka, producers, and workers that ask, are"
          + " attached or are called. Processes are killed and stopped, Kafka goes away, disks are"
          + " full, slow or read-only, connections are cut, clocks are stepped, files are replaced.",
      "A ledger outside the brokers knows what became of each task. The last line counts what must"
          + " not have happened; the exit code is 1 if anything did."
    },
    usageHelpWidth = 100,
    sortOptions = false)
public final class Chaos implements Callable<Integer> {
  private static final int MOST_SHOWN = 20;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "5",
      description = "For so long things break. Default: ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Draws faults and tasks as seed S does. Their moments are real time's.")
  private @Nullable Long seed;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "600",
      description = "Tasks a second. Default: ${DEFAULT-VALUE}.")
  private long rate;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Keeps all files there. Else they are kept only if something fails.")
  private @Nullable Path folder;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text.")
  @SuppressWarnings("unused") // picocli looks at the option
  private boolean help;

  /** Tells of each frame that comes to a connection which a fault has taken frames from. */
  private static final Logger TRANSPORT = Logger.getLogger("io.grpc.netty.shaded");

  private final PrintStream out = System.out;

  public static void main(String[] arguments) {
    System.exit(Programs.commandLine(new Chaos()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    TRANSPORT.setLevel(Level.OFF);
    Path jar = BrokerProcess.jar();
    long number = seed == null ? new Random().nextInt(Integer.MAX_VALUE) : seed;
    Path files = folder == null ? Files.createTempDirectory("taskbroker-chaos-") : folder;
    try (FolderLock _ = FolderLock.take(files, "give this one another --folder")) {
      out.println("seed=" + number + " broker " + jar + ", files in " + files);
      if (!PreloadedLibrary.isPossible()) {
        out.println("skipped: bad disks and stepped clocks: " + PreloadedLibrary.NEEDS);
      }
      Incidents incidents = new Incidents(out);
      Fates fates = new Arena(files, number, rate, incidents).play(Duration.ofMinutes(minutes));
      boolean good = judge(fates, incidents);
      if (folder == null && good) {
        Folders.delete(files);
      }
      return good ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
  }

  private boolean judge(Fates fates, Incidents incidents) {
    fates.wrong().stream().limit(MOST_SHOWN).forEach(text -> out.println("  wrong: " + text));
    long twice = fates.times(Repeat.AT_MOST_ONCE);
    long unexplained =
        fates.account().unexplained() - twice + fates.complaints() + incidents.unexplained();
    out.println("faults: " + incidents.counts());
    out.println(
        Arrays.stream(Repeat.values())
            .filter(Repeat::isExplained)
            .map(cause -> cause + "=" + fates.times(cause))
            .collect(Collectors.joining(" ", "duplicates: ", "")));
    out.println("failed in doubt: " + fates.inDoubt());
    out.printf(
        "tasks=%d lost=%d at_most_once_twice=%d unexplained=%d%n",
        fates.account().produced(), fates.lost(), twice, unexplained);
    return fates.lost() == 0 && twice == 0 && unexplained == 0;
  }
}
