package io.taskbroker.proving.tasks;

import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run over the dead letters of a broker, as somebody orders it who wants it to end: a run that
 * failed, since Kafka was silent for too long on a busy machine, is resumed.
 */
final class LetterRun implements AutoCloseable {
  private static final Pattern HANDLED = Pattern.compile("\"handled\":(\\d+)");
  private static final Pattern STATUS = Pattern.compile("\"status\":\"(\\w+)\"");
  private static final Pattern OPEN = Pattern.compile("\"open\":(\\d+)");
  private static final int OK = 200;

  private final String calls;
  private final Duration patience;
  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * @param port of the broker's admin API
   * @param patience for whatever is waited for
   */
  LetterRun(int port, Duration patience) {
    this.calls = "http://127.0.0.1:%d/api/v1/dead-letters".formatted(port);
    this.patience = patience;
  }

  /** Orders all that are open to be sent again, at most so many a second. */
  void begin(int rate) {
    order("requeue", "{\"filter\": {}, \"rate\": %d, \"dry_run\": false}".formatted(rate));
  }

  /** Stops it, and waits until it says so. */
  void stop() {
    await(
        "the run to be stopped",
        () -> {
          if (status().equals("running")) {
            var _ = tell("stop", "{}"); // it may have failed meanwhile
          }
          return status().equals("stopped");
        });
  }

  void resume() {
    order("resume", "{}");
  }

  /** Waits until a broker that was started anew knows of the run. */
  void awaitKnown() {
    await("it runs or was stopped", () -> Set.of("running", "stopped").contains(status()));
  }

  void awaitHandled(long least) {
    await(least + " are handled", () -> handled() >= least);
  }

  void awaitDone() {
    await("the end of the run", () -> status().equals("done"));
  }

  /**
   * Waits until so many are handled.
   *
   * @return how many a second that were
   */
  long rateUntil(long least) {
    long began = System.nanoTime();
    long before = handled();
    awaitHandled(least);
    long handled = handled() - before;
    return handled * Duration.ofSeconds(1).toNanos() / Math.max(1, System.nanoTime() - began);
  }

  /** How many are handled by now; 0 while Kafka is too slow to say. */
  long handled() {
    Matcher handled = HANDLED.matcher(get("/run"));
    return handled.find() ? Long.parseLong(handled.group(1)) : 0;
  }

  /**
   * Waits until no letter is open.
   *
   * @return how many are
   */
  long awaitNoneOpen() {
    await("none to be open", () -> open() == 0);
    return open();
  }

  private long open() {
    Matcher open = OPEN.matcher(get("/groups"));
    return open.find() ? Long.parseLong(open.group(1)) : -1;
  }

  private String status() {
    Matcher status = STATUS.matcher(get("/run"));
    return status.find() ? status.group(1) : "";
  }

  private void await(String what, BooleanSupplier isSo) {
    Waiting.until(
        what,
        patience,
        () -> {
          if (status().equals("failed")) {
            resume();
          }
          return isSo.getAsBoolean();
        });
  }

  private String get(String path) {
    return send(HttpRequest.newBuilder(URI.create(calls + path)).build()).body();
  }

  private void order(String name, String body) {
    HttpResponse<String> answer = tell(name, body);
    if (answer.statusCode() != OK) {
      throw new IllegalStateException("%s: %s".formatted(name, answer.body()));
    }
  }

  private HttpResponse<String> tell(String name, String body) {
    return send(
        HttpRequest.newBuilder(URI.create(calls + "/" + name))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException("the broker does not answer " + request, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
