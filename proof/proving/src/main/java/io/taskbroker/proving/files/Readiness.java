package io.taskbroker.proving.files;

import io.taskbroker.workload.process.FairClock;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.net.ConnectException;
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
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int READY = 200;
  private static final int NOT_READY = 503;

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build();
  private final HttpRequest question;
  private final FairClock clock;
  private final CompletableFuture<Duration> firstRefusal = new CompletableFuture<>();
  private volatile boolean wasReady;
  private volatile boolean closing;

  /** Asks at this port from now on, and looks at this clock. */
  Readiness(int port, FairClock clock) {
    this.clock = clock;
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
   * When the broker was not ready any more after that, on the clock: it said so, or it had ended.
   */
  Duration firstRefusal() {
    Waiting.until("the broker is not ready any more", PATIENCE, firstRefusal::isDone);
    return firstRefusal.join();
  }

  private void ask() {
    while (!closing && !firstRefusal.isDone()) {
      try {
        var answer = client.send(question, HttpResponse.BodyHandlers.discarding());
        if (answer.statusCode() == READY) {
          wasReady = true;
        } else if (wasReady && answer.statusCode() == NOT_READY) {
          firstRefusal.complete(clock.elapsed());
        }
      } catch (ConnectException _) { // it does not listen yet, or has ended
        if (wasReady) {
          firstRefusal.complete(clock.elapsed());
        }
      } catch (IOException _) {
        // no answer; it is asked again
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
