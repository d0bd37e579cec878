package io.taskbroker.benchmarks.broker;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks a broker's admin API, and reads each answer to its end. Safe for all threads. */
final class AdminClient implements AutoCloseable {
  static final int OK = 200;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();

  private final String base;
  private final @Nullable String token;

  /**
   * @param base such as {@code http://127.0.0.1:8081}
   * @param token null for none
   */
  AdminClient(String base, @Nullable String token) {
    this.base = base;
    this.token = token;
  }

  /**
   * The status of the answer, once all of it is there.
   *
   * @throws IllegalStateException if there is none
   */
  int ask(String path) {
    return answer(path).statusCode();
  }

  /**
   * The JSON of an answer that is what was asked for.
   *
   * @throws IllegalStateException if there is none
   */
  Map<String, Object> read(String path) {
    HttpResponse<byte[]> answer = answer(path);
    if (answer.statusCode() != OK) {
      throw new IllegalStateException(path + " was answered with " + answer.statusCode());
    }
    try {
      return JSON.std.mapFrom(answer.body());
    } catch (IOException e) {
      throw new IllegalStateException(path + " was not answered in JSON", e);
    }
  }

  private HttpResponse<byte[]> answer(String path) {
    try {
      return client.send(
          request(path).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new IllegalStateException(path + " was not answered", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + path + " was asked", e);
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }

  /** Hangs up on what is under way. */
  @Override
  public void close() {
    client.shutdownNow();
  }
}
