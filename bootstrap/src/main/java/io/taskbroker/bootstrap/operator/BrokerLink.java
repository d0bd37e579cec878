package io.taskbroker.bootstrap.operator;

import com.fasterxml.jackson.jr.ob.JSON;
import io.taskbroker.settings.reading.OneLine;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which broker is asked, and how its answers are shown. */
final class BrokerLink {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Not an option: other people of a machine see the words of a command. */
  private static final String TOKEN = "BROKER_TOKEN";

  private static final int OK = 200;

  @Option(
      names = "--broker",
      paramLabel = "URL",
      defaultValue = "${env:BROKER_URL:-http://127.0.0.1:8081}",
      description = {
        "Its admin API. Default: BROKER_URL of the environment, or http://127.0.0.1:8081.",
        "A token is taken from BROKER_TOKEN of the environment."
      })
  private String url = "";

  @Option(names = "--json", description = "Show the answer as JSON.")
  private boolean json;

  private final Map<String, String> environment = System.getenv();

  boolean isJson() {
    return json;
  }

  /**
   * @param query without those whose value is null
   * @throws Refused if there is no answer, or another one than what was asked for
   */
  Map<String, Object> get(String path, Map<String, ? extends @Nullable Object> query) {
    String said =
        query.entrySet().stream()
            .filter(one -> one.getValue() != null)
            .map(one -> one.getKey() + "=" + encoded(String.valueOf(one.getValue())))
            .collect(Collectors.joining("&"));
    return send(request(path + (said.isEmpty() ? "" : "?" + said)).GET());
  }

  /**
   * @throws Refused if it was not done
   */
  Map<String, Object> post(String path, Map<String, Object> order) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(text(order))));
  }

  private HttpRequest.Builder request(String path) {
    try {
      String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE);
      String token = environment.get(TOKEN);
      return token == null || token.isBlank()
          ? request
          : request.header("Authorization", "Bearer " + token.strip());
    } catch (IllegalArgumentException e) {
      throw new Refused(
          "'%s' cannot be called (%s): --broker wants an address such as http://127.0.0.1:8081"
              .formatted(OneLine.of(url), e.getMessage()));
    }
  }

  private Map<String, Object> send(HttpRequest.Builder request) {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      Map<String, Object> body = JSON.std.mapFrom(response.body());
      if (response.statusCode() != OK) {
        throw new Refused(OneLine.of(String.valueOf(body.getOrDefault("detail", response.body()))));
      }
      return body;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refused("interrupted while the broker was asked");
    } catch (IOException e) {
      throw new Refused(
          "no admin API answers at %s (%s). Is the broker running, and is admin.port set?"
              .formatted(OneLine.of(url), OneLine.of(reason(e))));
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  static String text(Object value) {
    try {
      return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(value);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory does no I/O", e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
