package io.taskbroker.proving.shared;

import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a broker says of itself from now on: whether it is ready, and what is stalled. */
final class Observed implements AutoCloseable {
  private static final Duration BETWEEN = Duration.ofMillis(100);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final int READY = 200;
  private static final Pattern WHAT = Pattern.compile("\"what\":\"([^\"]*)\"");

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build();
  private final int probes;
  private final int admin;
  private final Set<String> stalled = new TreeSet<>();
  private final Thread thread;
  private long notReadyMs;
  private volatile boolean closing;

  /**
   * @param probes port of {@code /readyz}
   * @param admin port of the admin API
   */
  Observed(int probes, int admin) {
    this.probes = probes;
    this.admin = admin;
    this.thread = Thread.ofPlatform().daemon().name("observed").start(this::look);
  }

  private void look() {
    while (!closing) {
      long before = System.nanoTime();
      boolean isReady = isReady();
      String standing = ask(admin, "/api/v1/why").body();
      Waiting.pause(BETWEEN);
      synchronized (this) {
        WHAT.matcher(standing).results().forEach(found -> stalled.add(found.group(1)));
        if (!isReady) {
          notReadyMs += Duration.ofNanos(System.nanoTime() - before).toMillis();
        }
      }
    }
  }

  boolean isReady() {
    return ask(probes, "/readyz").status() == READY;
  }

  private record Answer(int status, String body) {}

  private Answer ask(int port, String path) {
    var question =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(ANSWER)
            .build();
    try {
      var answer = client.send(question, HttpResponse.BodyHandlers.ofString());
      return new Answer(answer.statusCode(), answer.body());
    } catch (IOException _) {
      return new Answer(0, ""); // it has ended, or hangs
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(0, "");
    }
  }

  /** How long it was not ready. */
  synchronized long notReadyMs() {
    return notReadyMs;
  }

  /** What was stalled at any time. */
  synchronized Set<String> stalled() {
    return new TreeSet<>(stalled);
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
