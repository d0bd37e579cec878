package io.taskbroker.bootstrap.operator;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the state of a task, by the API's word or by that of the page. */
final class StateConverter implements ITypeConverter<String> {
  static final String WORDS =
      "delayed, pending (or waiting), claimed, processing, retry, failed or complete (or over)";

  private static final List<String> STATES =
      List.of("delayed", "pending", "claimed", "processing", "retry", "failed", "complete");

  private static final Map<String, String> OF_THE_PAGE =
      Map.of("waiting", "pending", "over", "complete");

  @Override
  public String convert(String word) {
    String state = OF_THE_PAGE.getOrDefault(word, word);
    if (!STATES.contains(state)) {
      throw new TypeConversionException("'%s' is none of %s".formatted(word, WORDS));
    }
    return state;
  }
}
