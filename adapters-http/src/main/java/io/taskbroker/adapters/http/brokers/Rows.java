package io.taskbroker.adapters.http.brokers;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How values of several brokers become one. */
final class Rows {
  private static final String BROKER = "broker";

  private Rows() {}

  /** The rows so far, and those of this broker, with its name. */
  static List<Object> joined(@Nullable Object before, List<?> rows, String broker) {
    List<Object> all = new ArrayList<>(before instanceof List<?> list ? list : List.of());
    for (Object row : rows) {
      all.add(row instanceof Map<?, ?> members ? named(members, broker) : row);
    }
    return all;
  }

  static Map<String, Object> named(Map<?, ?> members, String broker) {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put(BROKER, broker);
    members.forEach((name, value) -> named.put(String.valueOf(name), value));
    return named;
  }

  /** Whether these are counts by name. */
  static boolean areNumbers(Map<?, ?> members) {
    return members.values().stream().allMatch(Number.class::isInstance);
  }

  static Object sum(String name, Object one, Object other) {
    if (one instanceof Map<?, ?> left && other instanceof Map<?, ?> right) {
      Map<String, Object> sums = new LinkedHashMap<>(named(left));
      named(right).forEach((key, value) -> sums.merge(key, value, (a, b) -> sum(key, a, b)));
      return sums;
    }
    if (one instanceof Number left && other instanceof Number right) {
      // What lies longest is the oldest of all: ages do not add up, nor does how often one looks.
      return name.startsWith("oldest") || name.endsWith("_seconds")
          ? Math.max(left.longValue(), right.longValue())
          : left.longValue() + right.longValue();
    }
    return one instanceof Boolean left && other instanceof Boolean right ? left && right : one;
  }

  private static Map<String, Object> named(Map<?, ?> members) {
    Map<String, Object> named = new LinkedHashMap<>();
    members.forEach((name, value) -> named.put(String.valueOf(name), value));
    return named;
  }

  // ---------------------------------------------------------------- order

  /**
   * A list of this name, in the order in which one broker tells it; the order of equals stays. What
   * has no order that holds for several brokers, such as parked rows, stays by broker.
   */
  static Object inOrder(String name, Object value) {
    Comparator<Map<?, ?>> order =
        switch (name) {
          case "tasks" -> // of a store, or of those that have ended lately, by name
              newest("ended_at")
                  .thenComparing(newest("received_at").reversed())
                  .thenComparing(most("ended"));
          case "upcoming" -> newest("delayed_until").reversed();
          case "audit", "letters" -> newest("at");
          case "samples" -> newest("at").reversed();
          case "queues" ->
              byText("application")
                  .thenComparing(byText("namespace"))
                  .thenComparing(byText("task"));
          case "applications" -> byText("application");
          case "workers" -> byText("worker");
          case "called_workers" -> byText("application").thenComparing(byText("address"));
          case "changes" -> byText("target");
          default -> null;
        };
    if (order == null || !(value instanceof List<?> rows)) {
      return value;
    }
    List<Map<?, ?>> sorted = new ArrayList<>();
    for (Object row : rows) {
      if (row instanceof Map<?, ?> members) {
        sorted.add(members);
      }
    }
    sorted.sort(order);
    return sorted;
  }

  private static Comparator<Map<?, ?>> byText(String name) {
    return Comparator.comparing(row -> String.valueOf(row.get(name)));
  }

  private static Comparator<Map<?, ?>> most(String name) {
    return Comparator.comparingLong(
        row -> row.get(name) instanceof Number number ? -number.longValue() : 0);
  }

  private static Comparator<Map<?, ?>> newest(String name) {
    return Comparator.comparing((Map<?, ?> row) -> time(row.get(name))).reversed();
  }

  /** What has no time, or none that can be read, comes from long ago. */
  private static Instant time(@Nullable Object text) {
    try {
      return text == null ? Instant.MIN : Instant.parse(String.valueOf(text));
    } catch (DateTimeParseException _) {
      return Instant.MIN;
    }
  }
}
