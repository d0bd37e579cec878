package io.taskbroker.bootstrap.operator;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Shows one thing: a line for each of its facts. What others wrote commands no terminal. */
final class Facts {
  private static final int LEAST_WIDTH = 18;

  /** Headers whose values are Unix milliseconds. */
  private static final Set<String> TIMES =
      Set.of(
          DeadLetterHeaders.FIRST_TIME,
          DeadLetterHeaders.LAST_TIME,
          DeadLetterHeaders.SOURCE_TIMESTAMP);

  private Facts() {}

  /** Members of a member follow its name: {@code failure cause}. */
  static void print(Map<String, Object> facts, PrintWriter out) {
    Map<String, String> lines = new LinkedHashMap<>();
    facts.forEach(
        (name, value) -> {
          if (value instanceof Map<?, ?> members) {
            members.forEach(
                (inner, one) -> lines.put(words(name + " " + inner), String.valueOf(one)));
          } else {
            lines.put(words(name), String.valueOf(value));
          }
        });
    printLines("", lines, out);
  }

  private static String words(String name) {
    return name.replace('_', ' ');
  }

  /**
   * What a producer wrote into a task.
   *
   * @param contents as the API tells them; empty if it tells nothing
   * @param shows the option that shows values, too
   */
  static void printContents(Map<String, Object> contents, String shows, PrintWriter out) {
    if (contents.isEmpty()) {
      return;
    }
    out.printf(
        "%nArguments (%s, %d bytes):%n",
        OneLine.of(String.valueOf(contents.get("encoding"))), Answer.number(contents, "bytes"));
    Object unreadable = contents.get("unreadable");
    String text =
        unreadable == null
            ? String.valueOf(contents.get("arguments"))
            : "They cannot be shown: " + unreadable;
    text.lines().forEach(line -> out.println("  " + OneLine.of(line)));
    printHeaders(Answer.object(contents, "headers"), out);
    if (Boolean.TRUE.equals(contents.get("masked"))) {
      out.printf(
          "Kinds and lengths only. %s shows the values, and is written to the audit.%n", shows);
    }
  }

  static void printHeaders(Map<String, Object> headers, PrintWriter out) {
    if (headers.isEmpty()) {
      return;
    }
    Map<String, String> lines = new LinkedHashMap<>();
    headers.forEach((name, value) -> lines.put(name, header(name, String.valueOf(value))));
    out.println("Headers:");
    printLines("  ", lines, out);
  }

  private static String header(String name, String value) {
    return TIMES.contains(name) && value.matches("[0-9]{1,15}")
        ? "%s (%s)".formatted(value, Instant.ofEpochMilli(Long.parseLong(value)))
        : value;
  }

  private static void printLines(String indent, Map<String, String> lines, PrintWriter out) {
    int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
    lines.forEach(
        (name, value) ->
            out.printf(
                "%s%-" + Math.max(LEAST_WIDTH, width) + "s %s%n",
                indent,
                OneLine.of(name),
                OneLine.of(value)));
  }
}
