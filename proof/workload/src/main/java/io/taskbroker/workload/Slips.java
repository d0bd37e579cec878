package io.taskbroker.workload;

import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says in a few lines what is wrong with the words of a command, and which word was meant, or which
 * there are.
 */
final class Slips implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException slip, String[] words) {
    CommandLine line = slip.getCommandLine();
    PrintWriter err = line.getErr();
    err.println(slip.getMessage());
    if (slip instanceof UnmatchedArgumentException unmatched) {
      explain(unmatched, line, err);
    }
    err.printf("'%s --help' explains it.%n", line.getCommandSpec().qualifiedName());
    err.flush();
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static void explain(UnmatchedArgumentException slip, CommandLine line, PrintWriter err) {
    List<String> meant = slip.getSuggestions();
    if (!meant.isEmpty()) {
      err.printf("Did you mean %s?%n", String.join(" or ", meant));
    }
    if (!slip.getUnmatched().getFirst().startsWith("-")) { // what follows is its consequence
      list("Commands", line.getSubcommands().keySet(), err);
    } else if (meant.isEmpty()) {
      list("Options", line.getCommandSpec().optionsMap().keySet(), err);
    }
  }

  private static void list(String kind, Collection<String> words, PrintWriter err) {
    if (!words.isEmpty()) {
      err.printf("%s are: %s%n", kind, String.join(", ", words));
    }
  }
}
