package io.taskbroker.adapters.http.brokers;

import java.util.Map;

/**
 * What one broker answered.
 *
 * @param status of HTTP; 0 if there was no answer
 * @param body what it said; in a refusal these are problem details, with {@code detail} for people
 */
public record Reply(int status, Map<String, Object> body) {
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;

  /** No answer, and why. */
  public static Reply none(String detail) {
    return refusal(0, detail);
  }

  public static Reply refusal(int status, String detail) {
    return new Reply(status, Map.of("detail", detail));
  }

  public static Reply done(Map<String, Object> body) {
    return new Reply(OK, body);
  }

  public boolean isDone() {
    return status == OK;
  }

  /** Whether that broker has nothing of the kind that was asked for. */
  public boolean isNothing() {
    return status == NOT_FOUND;
  }

  /** Why it was not done, as a sentence. */
  public String detail() {
    return String.valueOf(body.getOrDefault("detail", "The broker answered " + status));
  }
}
