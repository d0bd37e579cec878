package io.taskbroker.workload;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in a few lines what is wrong with the words of a command, and which words there are. */
final class Slips implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException slip, String[] words) {
    CommandLine line = slip.getCommandLine();
    PrintWriter err = line.getErr();
    err.println(slip.getMessage());
    boolean isCommand =
        slip instanceof UnmatchedArgumentException unmatched
            && unmatched.getUnmatched().stream().anyMatch(word -> !word.startsWith("-"));
    if (isCommand && !line.getSubcommands().isEmpty()) {
      err.println("Commands are: " + String.join(", ", line.getSubcommands().keySet()));
    }
    err.printf("'%s --help' explains it.%n", line.getCommandSpec().qualifiedName());
    err.flush();
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }
}
