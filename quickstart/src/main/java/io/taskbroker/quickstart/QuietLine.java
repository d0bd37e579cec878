package io.taskbroker.quickstart;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a developer's own tasks do, as the broker tells it: a line whenever it is another one. */
final class QuietLine implements AutoCloseable {
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final HttpRequest question;
  private String last = "";

  /**
   * @param dashboard of the broker
   */
  QuietLine(String dashboard) {
    question =
        HttpRequest.newBuilder(URI.create(dashboard + "/api/v1/status")).timeout(PATIENCE).build();
  }

  /** The next line; empty if nothing has changed since the last one. */
  Optional<String> next() {
    String words = ask();
    if (words.equals(last)) {
      return Optional.empty();
    }
    last = words;
    return Optional.of(CLOCK.format(LocalTime.now(ZoneId.systemDefault())) + "  " + words);
  }

  private String ask() {
    try {
      return words(
          JSON.std.mapFrom(http.send(question, HttpResponse.BodyHandlers.ofString()).body()));
    } catch (IOException e) {
      return "the broker does not answer (" + e + ")";
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return last;
    }
  }

  /** The status in a line. */
  static String words(Map<String, Object> status) {
    Map<?, ?> tasks = object(status, "tasks");
    Map<?, ?> flow = object(status, "flow");
    String numbers =
        "received %d  ended %d  retried %d  failed %d  waiting %d  with workers %d  later %d"
            .formatted(
                number(flow, "received"),
                number(flow, "ended"),
                number(flow, "retried"),
                number(flow, "dead_lettered") + number(flow, "discarded"),
                number(tasks, "pending"),
                number(tasks, "processing") + number(tasks, "claimed"),
                number(tasks, "delayed") + number(tasks, "retry"));
    return numbers
        + named(
            "  stands still: ", list(status, "stalled").map(one -> String.valueOf(one.get("what"))))
        + named("  paused: ", list(status, "pauses").map(QuietLine::target));
  }

  private static String named(String before, Stream<String> names) {
    String all = names.collect(Collectors.joining(", "));
    return all.isEmpty() ? "" : before + all;
  }

  private static String target(Map<?, ?> pause) {
    return Stream.of("application", "namespace", "task", "topic")
        .filter(name -> pause.get(name) != null)
        .map(name -> "%s '%s'".formatted(name, pause.get(name)))
        .collect(Collectors.joining(" "));
  }

  private static Stream<Map<?, ?>> list(Map<String, Object> status, String name) {
    return status.get(name) instanceof List<?> list
        ? list.stream().map(one -> one instanceof Map<?, ?> map ? map : Map.of())
        : Stream.of();
  }

  private static Map<?, ?> object(Map<String, Object> status, String name) {
    return status.get(name) instanceof Map<?, ?> map ? map : Map.of();
  }

  private static long number(Map<?, ?> of, String name) {
    return of.get(name) instanceof Number number ? number.longValue() : 0;
  }

  @Override
  public void close() {
    http.close();
  }
}
