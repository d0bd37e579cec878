package io.taskbroker.application.push;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** The workers, one pool for each application. Safe for all threads; nothing blocks. */
public interface WorkerGateway {
  /** Applications that have workers. */
  Set<String> applications();

  /**
   * Offers one activation to the workers of its application.
   *
   * @param application one of {@link #applications()}
   * @return completes with what became of it, within a bounded time; never fails
   */
  CompletionStage<Answer> push(String application, Delivered activation);

  /** What became of a push. */
  sealed interface Answer {
    /** A worker has it. */
    record Accepted() implements Answer {}

    /** The worker has no room just now; it did not take it. */
    record Busy() implements Answer {}

    /** The worker certainly did not take it: it refused, or could not be reached. */
    record Refused(String reason) implements Answer {}

    /** Nobody knows whether the worker has it. */
    record Unknown(String reason) implements Answer {}

    /** No worker can ever take it: too large, or unreadable. */
    record Undeliverable(String reason) implements Answer {}
  }
}
