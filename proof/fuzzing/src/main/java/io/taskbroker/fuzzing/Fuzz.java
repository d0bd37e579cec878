package io.taskbroker.fuzzing;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./taskbroker fuzz} lets a fuzzer make up bytes for each entrance of the broker. */
@Command(
    name = "taskbroker fuzz",
    description = {
      "Makes up bytes for each entrance of the broker, led by what code they reach, and looks for"
          + " those that it does not take or refuse as it should.",
      "Ends with a line for each target. Exits 0 if nothing was found, 1 if something was."
    },
    usageHelpWidth = 100,
    sortOptions = false)
public final class Fuzz implements Callable<Integer> {
  @Parameters(
      paramLabel = "TARGET",
      arity = "0..*",
      description = "Which entrances, one after the other; all without any. See docs/fuzzing.md.")
  private List<String> names = List.of();

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "5",
      description = "For each target. Default: ${DEFAULT-VALUE}.")
  private double minutes;

  @Option(
      names = "--corpus",
      paramLabel = "FOLDER",
      description =
          "Keeps what was made up there, a folder for each target, and begins with what is there."
              + " Without it a folder is made and left.")
  private @Nullable Path folder;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text.")
  @SuppressWarnings("unused") // picocli looks at the option
  private boolean help;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec command;

  private final PrintStream out = System.out;

  public static void main(String[] arguments) {
    System.setProperty(Fuzzer.LOG_PROPERTY, Fuzzer.LOG_SETTINGS); // targets are opened here, too
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Fuzz());
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> chosen = names.isEmpty() ? Targets.names() : names;
    for (String name : chosen) {
      if (!Targets.names().contains(name)) {
        throw new ParameterException(
            command.commandLine(),
            "'%s' is no target; there are %s".formatted(name, String.join(", ", Targets.names())));
      }
    }
    Path corpus = folder == null ? Files.createTempDirectory("taskbroker-fuzz-corpus-") : folder;
    out.println("What is made up, and what is found, is kept in " + corpus);
    boolean found = false;
    for (String name : chosen) {
      out.println("%s: begun, for %.1f minutes".formatted(name, minutes));
      Fuzzer.Result result = Fuzzer.run(name, corpus.resolve(name), Math.round(minutes * 60));
      out.println(name + ": " + result);
      result.findings().forEach(finding -> out.println("  " + finding));
      found |= !result.findings().isEmpty();
    }
    return found ? 1 : 0;
  }
}
