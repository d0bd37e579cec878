package io.taskbroker.adapters.http.admin;

import io.taskbroker.adapters.http.HttpWall;
import io.taskbroker.domain.TimeSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * Tells browsers once a second how the broker is, as server-sent events. A client that does not
 * read is hung up on after the listener's time for answers. Safe for all threads.
 */
final class EventStreams implements AutoCloseable {
  /** Streams at a time; each takes a virtual thread and a connection. */
  static final int MOST = 64;

  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** A pause that would be shorter lasts until the second after. */
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);

  private final TimeSource time;
  private final Semaphore places = new Semaphore(MOST);
  private final CountDownLatch closing = new CountDownLatch(1);

  EventStreams(TimeSource time) {
    this.time = time;
  }

  /**
   * Answers until the client leaves, or this is closed.
   *
   * @param status what each event says, as JSON without a line feed outside its texts
   * @param isAdmitted false ends the answer, too; asked before each event but the first
   */
  void stream(
      Request request, Response response, Supplier<byte[]> status, BooleanSupplier isAdmitted)
      throws IOException {
    if (!places.tryAcquire()) {
      throw new Refusal(
          HttpStatus.SERVICE_UNAVAILABLE_503,
          "%d event streams are open already; close some".formatted(MOST));
    }
    try {
      response.setStatus(HttpStatus.OK_200);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
      long number = 0;
      do {
        Content.Sink.write(response, false, event(++number, status.get()));
        HttpWall.progress(request);
      } while (!isClosedAfterPause() && isAdmitted.getAsBoolean());
      Content.Sink.write(response, true, ByteBuffer.allocate(0));
    } finally {
      places.release();
    }
  }

  private static ByteBuffer event(long number, byte[] status) {
    var event = new ByteArrayOutputStream();
    event.writeBytes(
        "id: %d%nevent: status%ndata: "
            .formatted(number)
            .replace("\r\n", "\n")
            .getBytes(StandardCharsets.UTF_8));
    event.writeBytes(status);
    event.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(event.toByteArray());
  }

  /** All streams go on at the same time, with each second, so that all tell one answer. */
  private boolean isClosedAfterPause() {
    long pauseMs = PAUSE.toMillis() - Math.floorMod(time.now().wallMs(), PAUSE.toMillis());
    if (pauseMs < SHORTEST_PAUSE.toMillis()) {
      pauseMs += PAUSE.toMillis();
    }
    try {
      return closing.await(pauseMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
