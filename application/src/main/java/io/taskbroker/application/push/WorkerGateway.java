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

    /**
     * So much is under way to these workers that nothing was sent: no word from any of them. There
     * is room again once one of the other pushes to them has ended.
     */
    record Full() implements Answer {}

    /** No worker took it: they refuse whatever comes, or could not be reached. */
    record Refused(String reason) implements Answer {}

    /** A worker certainly did not take it, and that is said of this activation alone. */
    record Declined(String reason) implements Answer {}

    /** A worker says that this one went wrong; nobody knows whether it has it. */
    record Failed(String reason) implements Answer {}

    /** No word came, and nobody knows whether the worker has it. */
    record Unknown(String reason) implements Answer {}

    /** No worker can ever take it: too large, or unreadable. */
    record Undeliverable(String reason) implements Answer {}
  }
}
