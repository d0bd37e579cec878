package io.taskbroker.benchmarks.command;

import java.util.List;

/**
 * A benchmark that {@link AllCommand} starts.
 *
 * @param words of its command line, its name first
 */
record Entry(List<String> words) {
  static Entry of(String... words) {
    return new Entry(List.of(words));
  }

  String name() {
    return words.getFirst();
  }

  @Override
  public String toString() {
    return String.join(" ", words);
  }
}
