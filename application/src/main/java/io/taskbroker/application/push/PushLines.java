package io.taskbroker.application.push;

import io.taskbroker.application.Sparsely;
import io.taskbroker.application.Stalls;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people of one application's pushes. Safe for all threads. */
final class PushLines {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::push");

  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private static final String SEE_THE_WORKERS =
      "Its activations wait; see that the workers run, and that worker_map names their address.";
  private static final String SEE_THIS_WORKER =
      "Others get its activations meanwhile; see the worker at this address.";
  private static final String SEE_THEIR_HEALTH =
      "They wait until a worker's health service says SERVING or a worker accepts an at-least-once"
          + " activation; see that the workers serve grpc.health.v1.Health.";

  private final String application;
  private final Stalls stalls;
  private final Sparsely unknown;
  private final Sparsely failed;

  /** What it has said to be stalled. */
  private final Set<String> begun = Collections.synchronizedSet(new TreeSet<>());

  PushLines(String application, Stalls stalls, TimeSource time) {
    this.application = application;
    this.stalls = stalls;
    this.unknown = new Sparsely(time, INTERVAL);
    this.failed = new Sparsely(time, INTERVAL);
  }

  void say(Word word) {
    switch (word) {
      case Word.Unknown(Claim claim, WorkerConnection over, String reason) ->
          sayUnknown(claim, over, reason);
      case Word.Failed(Claim claim, WorkerConnection over, String reason) ->
          sayFailed(claim, over, reason);
      case Word.Standstill(String reason) -> begin(all(), reason, SEE_THE_WORKERS);
      case Word.GoesOn() -> end(all());
      case Word.OnceWithheld(String reason) -> begin(once(), reason, SEE_THEIR_HEALTH);
      case Word.OnceGoesOn() -> end(once());
      case Word.Rests(String address, int resting, int all, String reason) ->
          begin(
              some(address),
              "%d of %d take nothing: %s".formatted(resting, all, reason),
              SEE_THIS_WORKER);
      case Word.Works(String address) -> end(some(address));
      case Word.Gone(String address) ->
          abandon(some(address), "this address is not among the workers' any more");
    }
  }

  private void sayUnknown(Claim claim, WorkerConnection over, String reason) {
    long events = unknown.count(1);
    if (events > 0) {
      LOG.warn(
          "Whether a worker of application '{}' has activation {} is not known ({}, {}); its claim"
              + " is kept until the lease ends ({} such since the last line)",
          application,
          claim.activation().id(),
          reason,
          over,
          events);
    }
  }

  private void sayFailed(Claim claim, WorkerConnection over, String reason) {
    long events = failed.count(1);
    if (events > 0) {
      LOG.warn(
          "The workers of application '{}' failed to take activation {} ({}, {}); it is pushed again"
              + " when its lease ends, unless it is to run at most once, and goes to the dead-letter"
              + " topic after store.max_processing_attempts such failures ({} of any since the last"
              + " line)",
          application,
          claim.activation().id(),
          reason,
          over,
          events);
    }
  }

  // ---------------------------------------------------------------- standstills

  private String all() {
    return "Pushing to the workers of application '" + application + "'";
  }

  private String once() {
    return "Pushing at-most-once activations of application '" + application + "'";
  }

  private String some(String address) {
    return "Pushing over connections to " + address + " (application '" + application + "')";
  }

  private void begin(String what, String reason, String remedy) {
    begun.add(what);
    stalls.begin(what, reason, remedy);
  }

  private void end(String what) {
    begun.remove(what);
    stalls.end(what);
  }

  private void abandon(String what, String why) {
    begun.remove(what);
    stalls.abandon(what, why);
  }

  /** Nothing waits for these workers any more, so that nobody can say whether they are back. */
  void nothingWaits() {
    List.copyOf(begun).forEach(what -> abandon(what, "nothing waits for them any more"));
  }
}
