package io.taskbroker.proving;

import io.taskbroker.embeddedkafka.FolderLock;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Stage.Extent;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.proving.stage.Verdict.Outcome;
import io.taskbroker.workload.Folders;
import io.taskbroker.workload.Programs;
import io.taskbroker.workload.kafka.KafkaProcess;
import io.taskbroker.workload.process.BrokerProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code ./taskbroker prove [NAME…]} holds the packaged broker to its promises. */
@Command(
    name = "taskbroker prove",
    description = {
      "Holds the packaged broker to its promises.",
      "Each scenario plays against the broker as its own process, a real Kafka in another, and"
          + " real sockets. A ledger outside the broker judges it."
    },
    usageHelpWidth = 100,
    sortOptions = false)
public final class Prove implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "NAME",
      completionCandidates = Names.class,
      description = "What to play, of the scenarios below. All, if none is named.")
  private List<String> names = new ArrayList<>();

  @Option(names = "--seed", paramLabel = "N", description = "Plays what is random as seed N did.")
  private @Nullable Long seed;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Keeps all files there. Else they are kept only if something fails.")
  private @Nullable Path folder;

  @Option(
      names = "--short",
      description = {
        "Plays with fewer tasks and shorter waits, where a scenario can.",
        "Without names it plays those that .ci/run plays; they are marked with a star."
      })
  private boolean inShort;

  @Option(names = "--strict", description = "Exits 1 also if something was skipped.")
  private boolean strict;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text.")
  @SuppressWarnings("unused") // picocli looks at the option
  private boolean help;

  private final PrintStream out = System.out;

  /** The names of all scenarios. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Scenarios.all().stream().map(Scenario::name).iterator();
    }
  }

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The command, whose help lists the scenarios by family. */
  static CommandLine commandLine() {
    CommandLine command = Programs.commandLine(new Prove());
    command.getCommandSpec().usageMessage().footer(ScenarioList.lines());
    return command;
  }

  @Override
  public Integer call() throws IOException {
    List<Scenario> chosen = chosen();
    Path jar = BrokerProcess.jar();
    Path files = folder == null ? Files.createTempDirectory("taskbroker-prove-") : folder;
    try (FolderLock _ = FolderLock.take(files, "give this one another --folder")) {
      return play(chosen, jar, files);
    }
  }

  private int play(List<Scenario> chosen, Path jar, Path files) throws IOException {
    Results results = new Results();
    try (var kafka = KafkaProcess.start(NodeSettings.in(files.resolve("kafka")))) {
      out.println("broker " + jar + ", Kafka at " + kafka.address() + ", files in " + files);
      for (Scenario scenario : chosen) {
        long number = seed == null ? new Random().nextInt(Integer.MAX_VALUE) : seed;
        Path own = Files.createDirectories(files.resolve(scenario.name()));
        Extent extent = inShort ? Extent.SHORT : Extent.WHOLE;
        results.add(scenario.name(), play(scenario, new Stage(kafka, own, number, extent, out)));
      }
    }
    if (folder == null && results.areGood(Results.Skipped.PASSES)) {
      Folders.delete(files);
    }
    out.println(results.summary());
    return results.areGood(strict ? Results.Skipped.FAILS : Results.Skipped.PASSES)
        ? CommandLine.ExitCode.OK
        : CommandLine.ExitCode.SOFTWARE;
  }

  private List<Scenario> chosen() {
    for (String name : names) {
      if (Scenarios.all().stream().noneMatch(scenario -> scenario.name().equals(name))) {
        throw new ParameterException(
            new CommandLine(this),
            "no scenario is called '" + name + "'; there are " + String.join(", ", new Names()));
      }
    }
    if (names.isEmpty()) {
      return inShort ? Scenarios.shortList() : Scenarios.all();
    }
    return Scenarios.all().stream().filter(scenario -> names.contains(scenario.name())).toList();
  }

  private Outcome play(Scenario scenario, Stage stage) {
    out.println(scenario.name() + ": " + scenario.promise());
    long start = System.nanoTime();
    Verdict verdict;
    try {
      verdict = scenario.play(stage);
    } catch (RuntimeException e) { // one that cannot be played to its end has not held
      e.printStackTrace(out);
      out.println(scenario.name() + ": seed=" + stage.seed() + " fell: " + e.getMessage());
      return Outcome.FELL;
    }
    verdict.failures().forEach(failure -> stage.say("not as promised: " + failure));
    verdict.skipped().forEach(part -> stage.say("skipped: " + part));
    long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
    out.println(scenario.name() + ": seconds=" + seconds + " " + verdict);
    return verdict.outcome();
  }
}
