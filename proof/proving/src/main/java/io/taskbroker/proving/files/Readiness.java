package io.taskbroker.proving.files;

import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Asks {@code /readyz} again and again, as Kubernetes does, but more often. */
final class Readiness implements AutoCloseable {
  private static final Duration BETWEEN = Duration.ofMillis(20);
  private static final Duration ANSWER = Duration.ofSeconds(1);
  private static final int READY = 200;
  private static final int NOT_READY = 503;

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build();
  private final HttpRequest question;
  private final CompletableFuture<Long> firstRefusal = new CompletableFuture<>();
  private volatile boolean wasReady;
  private volatile boolean closing;

  /** Asks at this port from now on. */
  Readiness(int port) {
    this.question =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz"))
            .timeout(ANSWER)
            .build();
    Thread.ofPlatform().daemon().name("readiness").start(this::ask);
  }

  /** Whether the broker has said that it is ready. */
  boolean wasReady() {
    return wasReady;
  }

  /**
   * When the first answer 503 after that came, on the clock of {@link System#nanoTime}.
   *
   * @return {@link Long#MAX_VALUE} if there was none
   */
  long firstRefusal() {
    return firstRefusal.getNow(Long.MAX_VALUE);
  }

  private void ask() {
    while (!closing && !firstRefusal.isDone()) {
      try {
        var answer = client.send(question, HttpResponse.BodyHandlers.discarding());
        if (answer.statusCode() == READY) {
          wasReady = true;
        } else if (wasReady && answer.statusCode() == NOT_READY) {
          firstRefusal.complete(System.nanoTime());
        }
      } catch (IOException _) {
        // the broker has ended, or does not listen yet
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      Waiting.pause(BETWEEN);
    }
  }

  @Override
  public void close() {
    closing = true;
    client.close();
  }
}
