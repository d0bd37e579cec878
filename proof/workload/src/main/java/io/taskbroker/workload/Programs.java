package io.taskbroker.workload;

import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The command lines of what is run by hand: what is wrong is said in words. */
public final class Programs {
  private Programs() {}

  /**
   * @param command annotated for picocli
   */
  public static CommandLine commandLine(Object command) {
    ITypeConverter<Integer> ints = text -> Math.toIntExact(wholeNumber(text, Integer.MAX_VALUE));
    ITypeConverter<Long> longs = text -> wholeNumber(text, Long.MAX_VALUE);
    return new CommandLine(command)
        .registerConverter(int.class, ints)
        .registerConverter(Integer.class, ints)
        .registerConverter(long.class, longs)
        .registerConverter(Long.class, longs)
        .setParameterExceptionHandler(new Slips())
        .setExecutionExceptionHandler(new PlainFailures());
  }

  private static long wholeNumber(String text, long most) {
    try {
      long number = Long.parseLong(text);
      if (number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw new TypeConversionException("'%s' is no whole number up to %d".formatted(text, most));
  }
}
