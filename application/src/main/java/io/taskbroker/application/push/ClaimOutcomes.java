package io.taskbroker.application.push;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the store what has become of the claims of one application. Nothing waits for it. Safe for
 * all threads.
 */
final class ClaimOutcomes {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::push");

  private final String application;
  private final PushStore store;
  private final TimeSource time;
  private final EventSink<PushEvent> metrics;
  private final Sparsely rejectedLines;

  ClaimOutcomes(
      String application, PushStore store, TimeSource time, EventSink<PushEvent> metrics) {
    this.application = application;
    this.store = store;
    this.time = time;
    this.metrics = metrics;
    this.rejectedLines = new Sparsely(time, Duration.ofMinutes(1));
  }

  /** A worker has accepted the push of this claim. */
  void accepted(Claim claim) {
    Moment before = time.now();
    store
        .accepted(claim)
        .whenComplete(
            (wasClaimed, failure) -> {
              Duration took = time.now().since(before);
              metrics.count(
                  failure == null
                      ? new PushEvent.Marked(wasClaimed, took)
                      : new PushEvent.MarkFailed());
            });
  }

  /** Releases claims that no worker has. */
  void undone(List<Claim> claims) {
    store.release(claims);
    metrics.count(new PushEvent.Undone(claims.size(), true));
  }

  /** The push of this claim failed, and its task is to blame. */
  void failed(Claim claim, String reason) {
    store.pushFailed(claim, reason);
  }

  /** No worker can ever take this one: it becomes a dead letter. */
  void rejected(Delivered delivered, String reason) {
    Claim claim = delivered.claim();
    long rejected = rejectedLines.count(1);
    if (rejected > 0) {
      LOG.error(
          "No worker can take activation {} of application '{}': {}; it goes to the dead-letter"
              + " topic ({} such activations since the last line)",
          claim.activation().id(),
          application,
          reason,
          rejected);
    }
    store
        .reject(claim, delivered.payload(), reason)
        .whenComplete((_, failure) -> metrics.count(new PushEvent.Undone(1, failure == null)));
  }
}
