package io.taskbroker.benchmarks.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Callers as the gRPC service has them: each is a chain of calls, the next begun in the completion
 * of the one before, so that no call costs a hand-over between threads.
 */
final class ChainedCallers {
  private final Supplier<CompletionStage<?>> call;
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private int idle;
  private int allowed;
  private int toBegin;
  private int toEnd;

  /**
   * Callers that wait until they are allowed to begin.
   *
   * @param calls how many they will make together
   */
  ChainedCallers(int callers, int calls, Supplier<CompletionStage<?>> call) {
    this.call = call;
    this.idle = callers;
    this.toBegin = calls;
    this.toEnd = calls;
  }

  /** Makes so many calls, and returns when all are answered. */
  static void make(int callers, int calls, Supplier<CompletionStage<?>> call) {
    var all = new ChainedCallers(callers, calls, call);
    all.allow(calls);
    all.join();
  }

  /** Lets them make so many more calls. */
  void allow(int calls) {
    int woken;
    synchronized (this) {
      allowed += calls;
      woken = Math.min(idle, calls);
      idle -= woken;
    }
    for (int i = 0; i < woken; i++) {
      next();
    }
  }

  /** Returns when all calls are answered; fails as soon as one has failed. */
  void join() {
    end.join();
  }

  private void next() {
    if (begins()) {
      var _ = call.get().whenComplete((_, failure) -> answered(failure));
    }
  }

  private synchronized boolean begins() {
    if (toBegin == 0) {
      return false;
    }
    if (allowed == 0) {
      idle++;
      return false;
    }
    allowed--;
    toBegin--;
    return true;
  }

  private void answered(@Nullable Throwable failure) {
    if (failure != null) {
      end.completeExceptionally(failure);
    } else if (isLast()) {
      end.complete(null);
    } else {
      next();
    }
  }

  private synchronized boolean isLast() {
    toEnd--;
    return toEnd == 0;
  }
}
