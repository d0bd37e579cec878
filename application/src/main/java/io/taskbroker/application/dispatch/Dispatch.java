package io.taskbroker.application.dispatch;

import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.ClaimFilter;
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
  private volatile boolean draining;

  /** Who begins. */
  public enum Mode {
    /** Workers ask for tasks. */
    PULL,
    /** Workers are called, so whoever asks gets nothing. */
    PUSH
  }

  public Dispatch(DispatchStore store, Mode mode) {
    this.store = store;
    this.mode = mode;
  }

  public Mode mode() {
    return mode;
  }

  /** A worker's wish for the next activation; null means any. */
  public record Wish(@Nullable String application, @Nullable String namespace) {}

  /** The oldest due activation that the wish lets through, now with the caller. */
  public CompletionStage<Optional<Delivered>> next(Wish wish) {
    ClaimFilter filter = filterOf(wish);
    return filter == null
        ? CompletableFuture.completedFuture(Optional.empty())
        : store.claim(filter);
  }

  /** Records the report first, so that a worker which dies while fetching loses no result. */
  public CompletionStage<Concluded> report(Report report, @Nullable Wish next) {
    return store.conclude(report, next == null ? null : filterOf(next));
  }

  /** Records reports as if each had come alone; for each, whether its activation was known. */
  public CompletionStage<List<Boolean>> reportAll(List<Report> reports) {
    return store.concludeAll(reports);
  }

  /** Takes back what certainly never reached the worker. */
  public void undelivered(Delivered delivered) {
    store
        .release(List.of(delivered.claim()))
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                LOG.warn(
                    "Activation {} was not delivered and could not be taken back; it returns after"
                        + " its deadline",
                    delivered.claim().activation().id(),
                    failure);
              }
            });
  }

  /** From here on nothing is handed out; reports are still taken. */
  public void drain() {
    draining = true;
  }

  private @Nullable ClaimFilter filterOf(Wish wish) {
    if (draining || mode == Mode.PUSH) {
      return null;
    }
    if (wish.namespace() != null && wish.application() == null) {
      LOG.warn(
          "A worker asked for namespace '{}' without naming an application: it gets nothing",
          wish.namespace());
      return null;
    }
    return new ClaimFilter(wish.application(), wish.namespace());
  }
}
