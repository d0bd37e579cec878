package io.taskbroker.adapters.grpc;

import io.grpc.Status;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.StoreException;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a worker, and the log, is told when something fails here. Safe for all threads. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::server");

  private final Sparsely lines;

  Failures(TimeSource time) {
    this.lines = new Sparsely(time, Duration.ofSeconds(1));
  }

  /**
   * The store did not do what it was asked.
   *
   * @param complaint what could not be done, in words for the client
   */
  Status ofStore(Throwable failure, String complaint) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return switch (cause) {
      case StoreException.Overloaded _ ->
          Status.RESOURCE_EXHAUSTED.withDescription("Too many calls wait; come again shortly");
      case StoreException.Closed _ ->
          Status.UNAVAILABLE.withDescription("The broker is shutting down");
      default -> logged(cause, complaint);
    };
  }

  /** Something happened that nobody has thought of. */
  Status ofUs(Throwable failure) {
    return logged(failure, "The broker failed to answer");
  }

  private Status logged(Throwable failure, String complaint) {
    long calls = lines.count(1);
    if (calls > 0) {
      LOG.error("{} ({} calls failed since the last such line)", complaint, calls, failure);
    }
    return Status.INTERNAL.withDescription(complaint);
  }
}
