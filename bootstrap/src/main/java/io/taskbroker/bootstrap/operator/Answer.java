package io.taskbroker.bootstrap.operator;

import io.taskbroker.application.Elapsed;
import io.taskbroker.settings.reading.OneLine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what the API answers. */
final class Answer {
  private Answer() {}

  @SuppressWarnings("unchecked") // JSON has no other lists of objects
  static List<Map<String, Object>> list(Map<String, Object> answer, String name) {
    return (List<Map<String, Object>>) answer.getOrDefault(name, List.of());
  }

  @SuppressWarnings("unchecked") // JSON has no other objects
  static Map<String, Object> object(Map<String, Object> answer, String name) {
    return (Map<String, Object>) answer.getOrDefault(name, Map.of());
  }

  static @Nullable Object value(Map<String, Object> answer, String name) {
    return answer.get(name);
  }

  /** Whose row that is, before what it says; empty if one broker was asked. */
  static String broker(Map<String, Object> row) {
    Object broker = row.get("broker");
    return broker == null ? "" : OneLine.of(broker + ": ");
  }

  /** For how long the oldest task of a row waits; null if none does. */
  static @Nullable String age(Map<String, Object> row) {
    if (!(row.get("oldest_pending_seconds") instanceof Number seconds)) {
      return null;
    }
    long age = seconds.longValue();
    return age == 0 ? "0 s" : Elapsed.text(Duration.ofSeconds(age));
  }

  static long number(Map<String, Object> answer, String name) {
    return answer.get(name) instanceof Number number ? number.longValue() : 0;
  }
}
