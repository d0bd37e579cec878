package io.taskbroker.application.dispatch;

import io.taskbroker.application.Sparsely;
import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers ask, and report; the broker answers with one activation at a time.
 *
 * <p>Nothing here blocks; stages complete as {@link DispatchStore} says. Safe for all threads.
 */
public final class Dispatch {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::server");

  private final DispatchStore store;
  private final Mode mode;
  private final Sparsely lines;
  private final Sparsely longNames;
  private final BrokenDeliveries broken = new BrokenDeliveries();
  private final Refusals refusals;
  private final WorkerPrograms programs = new WorkerPrograms();
  private final DepartedWorkers departed = new DepartedWorkers();
  private volatile boolean draining;

  /** Who begins. */
  public enum Mode {
    /** Workers ask for tasks. */
    PULL,
    /** Workers are called, so whoever asks gets nothing. */
    PUSH
  }

  public Dispatch(DispatchStore store, Mode mode, TimeSource time) {
    this.store = store;
    this.mode = mode;
    this.lines = new Sparsely(time, Duration.ofMinutes(1));
    this.longNames = new Sparsely(time, Duration.ofMinutes(1));
    this.refusals = new Refusals(time);
  }

  public Mode mode() {
    return mode;
  }

  /** Told by servers of the calls that they refuse. */
  public Refusals refusals() {
    return refusals;
  }

  /** Told by servers which program a worker says that it is. */
  public WorkerPrograms programs() {
    return programs;
  }

  /** Told by servers which workers' connections have ended. */
  public DepartedWorkers departed() {
    return departed;
  }

  /** A worker's wish for the next activation; null means any. */
  public record Wish(@Nullable String application, @Nullable String namespace) {}

  /** Hands the oldest due activation that fits the wish to the caller, if the caller accepts it. */
  public CompletionStage<Optional<Delivered>> next(Wish wish, Recipient recipient) {
    ClaimFilter filter = filterOf(wish);
    if (filter == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return store.claim(filter, recipient);
  }

  /** Records the report, then fetches. So a worker that dies while it fetches loses no result. */
  public CompletionStage<Concluded> report(
      Report report, @Nullable Wish next, Recipient recipient) {
    return store.conclude(report, next == null ? null : filterOf(next), recipient);
  }

  /**
   * Records reports, each as if it had come alone.
   *
   * @return for each report in turn, whether its activation was known
   */
  public CompletionStage<List<Boolean>> reportAll(List<Report> reports) {
    return store.concludeAll(reports);
  }

  /** Releases claims that certainly never reached a worker. */
  public void undelivered(Claim claim) {
    store.release(List.of(claim));
  }

  /** The caller has all of a task that was handed to it. */
  public void delivered(Caller caller) {
    broken.took(caller);
  }

  /**
   * Releases a claim whose delivery broke off. If the activation itself is to blame, that is
   * counted; after {@code store.max_processing_attempts} such times it goes to the dead-letter
   * topic.
   */
  public void brokeOff(Claim claim, Caller caller) {
    boolean isToBlame = broken.isToBlame(claim.key(), caller);
    store.brokeOff(
        claim,
        isToBlame
            ? "a delivery of %d bytes broke off, and its worker took others afterwards: its client may take less at once"
                .formatted(claim.activation().payloadBytes())
            : null);
  }

  /** The caller has gone, and does not wait for a task any longer. */
  public void gone(Recipient recipient) {
    store.leave(recipient);
  }

  /** From here on nothing is handed out, and nobody waits; reports are still taken. */
  public void drain() {
    draining = true;
    store.endWaits();
  }

  /** Whether {@link #drain} was called. */
  public boolean isDraining() {
    return draining;
  }

  private @Nullable ClaimFilter filterOf(Wish wish) {
    if (draining
        || mode == Mode.PUSH
        || isTooLong(wish.application())
        || isTooLong(wish.namespace())) {
      return null;
    }
    if (wish.namespace() != null && wish.application() == null) {
      long calls = lines.count(1);
      if (calls > 0) {
        LOG.warn(
            "A worker asked for namespace '{}' without naming an application and gets nothing: set"
                + " the application, too ({} such calls since the last line)",
            wish.namespace(),
            calls);
      }
      return null;
    }
    return new ClaimFilter(wish.application(), wish.namespace());
  }

  /** What is asked for is remembered, so that it has to be short. No task has a longer name. */
  private boolean isTooLong(@Nullable String name) {
    if (name == null || name.length() <= Activation.LONGEST_NAME_BYTES) {
      return false;
    }
    long calls = longNames.count(1);
    if (calls > 0) {
      LOG.warn(
          "A worker asked for an application or namespace of {} letters and gets nothing: no task"
              + " has a name of more than {} ({} such calls since the last line)",
          name.length(),
          Activation.LONGEST_NAME_BYTES,
          calls);
    }
    return true;
  }
}
