package io.taskbroker.application.push;

import io.taskbroker.domain.Claim;
import java.time.Duration;
import java.util.Map;

/** What pushing counts. Called on the store's and the client's threads: must be quick. */
public interface PushMetrics {
  /** Counts nothing. */
  PushMetrics NONE = new PushMetrics() {};

  /** So many were claimed for a push, none included, in such a time. */
  default void claimed(int rows, Duration took) {}

  /** One of them, which waited so long since it was due. */
  default void claimed(Claim claim, Duration waited) {}

  default void claimFailed() {}

  /** What becomes of activations that were claimed. */
  enum Offer {
    /** They are in their application's queue. */
    QUEUED,
    /** They are taken back: their workers had no room meanwhile, or are away. */
    PAUSED,
    /** They are taken back: pushing comes to its end. */
    ENDED
  }

  /**
   * So many were claimed, at least one, and this becomes of them.
   *
   * @param full for how long there was no room for them, while something was due
   */
  default void offered(Offer offer, int rows, Duration full) {}

  /** So many of an application's activations are claimed and wait to be sent. */
  default void queued(String application, int waiting) {}

  /** One was taken out to be sent, so long after it was claimed. */
  default void dequeued(Duration waited) {}

  /** A push ended so. */
  default void pushed(Claim claim, WorkerGateway.Answer answer, Duration took) {}

  /** A worker has accepted this one; false if it was not claimed any more. */
  default void marked(boolean wasClaimed, Duration took) {}

  default void markFailed() {}

  /** A claim was taken back, or that failed. */
  default void undone(boolean succeeded) {}

  /** So many activations wait, by application, of applications without workers; told regularly. */
  default void withoutWorker(Map<String, Integer> waiting) {}
}
