package io.taskbroker.proving.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A library that is loaded into a program before those of its own.
 *
 * @param variables of the program's environment, which the library reads
 */
public record Preload(Path library, Map<String, String> variables) {
  public Preload {
    variables = Map.copyOf(variables);
  }

  /** Words before a command, so that it runs with all of these. */
  public static List<String> wrapper(Preload... all) {
    List<String> words = new ArrayList<>(List.of("env"));
    words.add(
        Stream.of(all)
            .map(one -> one.library().toString())
            .collect(Collectors.joining(":", "LD_PRELOAD=", "")));
    for (Preload one : all) {
      one.variables().forEach((name, value) -> words.add(name + "=" + value));
    }
    return words;
  }
}
