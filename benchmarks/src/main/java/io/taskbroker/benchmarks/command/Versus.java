package io.taskbroker.benchmarks.command;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.TemporaryFolder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * Runs a benchmark that is given {@code --vs COMMAND} by turns with the broker that it was to
 * measure and with the other one, each time in a process of its own. All others run as they are.
 */
final class Versus implements IExecutionStrategy {
  private static final String OTHER = "--vs";
  private static final String ROUNDS = "--vs-rounds";

  private final IExecutionStrategy usual = new RunLast();

  @Override
  public int execute(ParseResult parsed) {
    ParseResult benchmark = parsed;
    while (benchmark.hasSubcommand()) {
      benchmark = benchmark.subcommand();
    }
    String other = valueOf(benchmark, OTHER);
    boolean isAsked = benchmark.isUsageHelpRequested() || benchmark.isVersionHelpRequested();
    if (other == null || isAsked) {
      return usual.execute(parsed);
    }
    List<String> words = without(parsed.originalArgs());
    int rounds = benchmark.matchedOptionValue(ROUNDS, 3);
    return compare(new Entry(words), new Entry(with(words, "--command=" + other)), rounds);
  }

  private static @Nullable String valueOf(ParseResult benchmark, String option) {
    return benchmark.hasMatchedOption(option) ? benchmark.matchedOptionValue(option, "") : null;
  }

  /** The command line without what asks for a comparison. */
  static List<String> without(List<String> words) {
    List<String> left = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals(OTHER) || word.equals(ROUNDS)) {
        i++; // its value
      } else if (!word.startsWith(OTHER + "=") && !word.startsWith(ROUNDS + "=")) {
        left.add(word);
      }
    }
    return left;
  }

  private static List<String> with(List<String> words, String more) {
    List<String> all = new ArrayList<>(words);
    all.add(more);
    return all;
  }

  private static int compare(Entry here, Entry there, int rounds) {
    var figures = new Figures(System.out);
    List<Outcome> ours = new ArrayList<>();
    List<Outcome> theirs = new ArrayList<>();
    try (var folder = TemporaryFolder.create()) {
      for (int round = 1; round <= rounds; round++) {
        figures.remark("=== round " + round + " of " + rounds + ": bench " + here);
        ours.add(OwnProcess.run(here, folder.resolve("here-" + round), figures::remark));
        figures.remark("=== round " + round + " of " + rounds + ": bench " + there);
        theirs.add(OwnProcess.run(there, folder.resolve("there-" + round), figures::remark));
      }
    }
    figures.remark("\n" + Comparison.of(ours, theirs).table());
    return ours.stream().allMatch(Outcome::isGood) ? 0 : 1;
  }
}
