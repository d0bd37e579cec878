package io.taskbroker.quickstart;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Of which applications tasks wait in a development server. */
final class WaitingApplications {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private WaitingApplications() {}

  /**
   * Says that an application has none, and which others have some: its name may be mistyped.
   *
   * @param dashboard of the server
   * @return empty if it has some, if no other has, or if the server does not say
   */
  static Optional<String> note(String dashboard, String application) throws InterruptedException {
    HttpRequest question =
        HttpRequest.newBuilder(URI.create(dashboard + "/api/v1/applications"))
            .timeout(PATIENCE)
            .build();
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      return note(
          JSON.std.mapFrom(http.send(question, HttpResponse.BodyHandlers.ofString()).body()),
          application);
    } catch (IOException _) {
      return Optional.empty(); // the work itself says if the server is away
    }
  }

  /**
   * @param answer of the server
   */
  static Optional<String> note(Map<String, Object> answer, String application) {
    List<String> waiting =
        answer.get("applications") instanceof List<?> all
            ? all.stream()
                .map(one -> one instanceof Map<?, ?> map ? map : Map.of())
                .filter(one -> one.get("pending") instanceof Number tasks && tasks.longValue() > 0)
                .map(one -> String.valueOf(one.get("application")))
                .sorted()
                .toList()
            : List.of();
    return waiting.isEmpty() || waiting.contains(application)
        ? Optional.empty()
        : Optional.of(
            "No task of application '%s' waits; some of %s do"
                .formatted(
                    application,
                    waiting.stream()
                        .map(name -> "'" + name + "'")
                        .collect(Collectors.joining(", "))));
  }
}
