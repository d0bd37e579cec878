package io.taskbroker.adapters.http.brokers;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call of the admin API of some broker.
 *
 * @param path such as {@code /api/v1/tasks}
 * @param said the query, or the members of the body
 */
public record Call(Verb verb, String path, Map<String, Object> said) {
  static final String AFTER = "after";

  /** Whether the call looks, or may change something. */
  public enum Verb {
    GET,
    POST
  }

  public Call {
    said = Collections.unmodifiableMap(new LinkedHashMap<>(said));
  }

  public static Call get(String path, Map<String, Object> query) {
    return new Call(Verb.GET, path, query);
  }

  public static Call post(String path, Map<String, Object> body) {
    return new Call(Verb.POST, path, body);
  }

  /**
   * Whether it is about dead letters. They lie in Kafka, where all brokers see the same ones: one
   * broker is asked, since two would count each letter twice, and send it twice.
   */
  public boolean isAboutKafka() {
    return path.startsWith("/api/v1/dead-letter");
  }

  /** The same call, from this cursor on; null for the beginning. */
  Call from(@Nullable Object cursor) {
    Map<String, Object> other = new LinkedHashMap<>(said);
    if (cursor == null) {
      other.remove(AFTER);
    } else {
      other.put(AFTER, cursor);
    }
    return new Call(verb, path, other);
  }
}
