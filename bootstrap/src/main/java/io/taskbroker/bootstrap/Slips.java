package io.taskbroker.bootstrap;

import io.taskbroker.settings.reading.OneLine;
import io.taskbroker.settings.reading.Suggestions;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in a few lines what is wrong with the words of a command, and what was meant perhaps. */
final class Slips implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException slip, String[] words) {
    CommandLine line = slip.getCommandLine();
    PrintWriter err = line.getErr();
    String.valueOf(slip.getMessage()).lines().forEach(said -> err.println(OneLine.of(said)));
    if (slip instanceof UnmatchedArgumentException unmatched) {
      meant(unmatched).ifPresent(word -> err.printf("Did you mean '%s'?%n", word));
    }
    err.print("Usage: " + line.getHelp().synopsis("Usage: ".length()));
    err.printf("'%s --help' explains it.%n", line.getCommandSpec().qualifiedName());
    err.flush();
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static Optional<String> meant(UnmatchedArgumentException unmatched) {
    if (unmatched.getUnmatched().isEmpty()) {
      return Optional.empty();
    }
    CommandSpec command = unmatched.getCommandLine().getCommandSpec();
    String word = unmatched.getUnmatched().getFirst();
    int value = word.indexOf('=');
    String name = value < 0 ? word : word.substring(0, value);
    Collection<String> known =
        word.startsWith("-") ? command.optionsMap().keySet() : command.subcommands().keySet();
    return Suggestions.closest(name, known);
  }
}
