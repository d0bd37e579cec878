package io.taskbroker.application.push;

import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Ordered;
import java.time.Duration;
import java.util.Map;

/** One thing that happened in pushing and is counted. */
public sealed interface PushEvent {
  /** What becomes of activations that were claimed. */
  enum Offer {
    /** They are in their application's queue. */
    QUEUED,
    /** They are taken back: their workers are away, or none of them may have these now. */
    PAUSED,
    /** They are taken back: pushing comes to its end. */
    ENDED
  }

  /** A claim was answered, with no rows perhaps. */
  record Claimed(int rows, Duration took) implements PushEvent {}

  /**
   * One of its rows.
   *
   * @param waited since it was due
   */
  record ClaimedOne(Claim claim, Duration waited) implements PushEvent {}

  /** A claim failed in the store. */
  record ClaimFailed() implements PushEvent {}

  /**
   * Rows were claimed, at least one, and this becomes of them.
   *
   * @param full how long there was no room for them while something was due
   */
  record Offered(Offer offer, int rows, Duration full) implements PushEvent {}

  /** So many of an application's activations are claimed and wait to be sent. */
  record Queued(String application, int waiting) implements PushEvent {}

  /** One is sent, so long after it was claimed. */
  record Dequeued(Duration waited) implements PushEvent {}

  /** A push ended. */
  record Pushed(Claim claim, WorkerGateway.Answer answer, Duration took) implements PushEvent {}

  /**
   * The store has written down that a worker accepted one.
   *
   * @param wasClaimed false if it was reported on already
   */
  record Marked(boolean wasClaimed, Duration took) implements PushEvent {}

  /** The store could not write down that a worker accepted one, since it ended before. */
  record MarkFailed() implements PushEvent {}

  /**
   * Claims were taken back.
   *
   * @param succeeded false if the store refused
   */
  record Undone(int claims, boolean succeeded) implements PushEvent {}

  /** Activations that wait, by application, of applications without workers. Told regularly. */
  record WithoutWorker(Map<String, Integer> waiting) implements PushEvent {
    public WithoutWorker {
      waiting = Ordered.copyOf(waiting);
    }
  }
}
