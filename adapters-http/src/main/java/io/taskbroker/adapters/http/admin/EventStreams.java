package io.taskbroker.adapters.http.admin;

import io.taskbroker.adapters.http.HttpWall;
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

  private final Semaphore places = new Semaphore(MOST);
  private final CountDownLatch closing = new CountDownLatch(1);

  /**
   * Answers until the client leaves, or this is closed.
   *
   * @param status what each event says
   * @param isAdmitted false ends the answer, too; asked before each event but the first
   */
  void stream(
      Request request, Response response, Supplier<Object> status, BooleanSupplier isAdmitted)
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

  private static ByteBuffer event(long number, Object status) {
    var event = new ByteArrayOutputStream();
    event.writeBytes(
        "id: %d%nevent: status%ndata: "
            .formatted(number)
            .replace("\r\n", "\n")
            .getBytes(StandardCharsets.UTF_8));
    event.writeBytes(Json.write(status)); // which has no line feed outside its texts
    event.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(event.toByteArray());
  }

  private boolean isClosedAfterPause() {
    try {
      return closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
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
