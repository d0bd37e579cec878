package io.taskbroker.application.push;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * The workers of each application, and the connections to them. Safe for all threads; nothing
 * blocks.
 */
public interface WorkerGateway {
  /** Applications that have workers. Never changes. */
  Set<String> applications();

  /**
   * The connections to the workers of an application. Names are looked up again while the broker
   * runs, so connections come and go; the same object is returned until they change.
   *
   * @param application one of {@link #applications()}
   */
  Workers workers(String application);

  /**
   * Offers one activation over one connection.
   *
   * @param over one of the application's {@link #workers}; one that is gone since refuses
   * @return completes with what became of it, within a bounded time; never fails
   */
  CompletionStage<Answer> push(String application, WorkerConnection over, Delivered activation);

  /**
   * Asks the health service behind one connection.
   *
   * @return completes within a bounded time; never fails
   */
  CompletionStage<Health> health(String application, WorkerConnection over);

  /**
   * @param trouble why there is no connection, in words for an operator; empty where there is one
   */
  record Workers(List<WorkerConnection> connections, String trouble) {
    public Workers {
      connections = List.copyOf(connections);
    }
  }

  /** What the health service behind a connection says. */
  enum Health {
    /** The workers take tasks. */
    SERVING,
    /** They say that they take none. */
    NOT_SERVING,
    /** Somebody answers, but there is no health service, or it does not talk to us. */
    NO_SERVICE,
    /** No answer, or one that says that nobody is there. */
    SILENT
  }

  /**
   * What became of a push. A <em>no</em> is what the connection proves or the workers' contract
   * defines; whatever else is not a yes is unknown.
   */
  sealed interface Answer {
    /** A worker has it. */
    record Accepted() implements Answer {}

    /** The worker has no room just now. No worker has it. */
    record Busy() implements Answer {}

    /** It was certainly never sent, or turned away before any worker could see it. */
    record Refused(String reason) implements Answer {}

    /** A worker answered with an error about this one. Nobody knows whether it has it. */
    record Failed(String reason) implements Answer {}

    /** No worker's word about it came. Nobody knows whether one has it. */
    record Unknown(String reason) implements Answer {}

    /** No worker can ever take it: too large, or unreadable. */
    record Undeliverable(String reason) implements Answer {}
  }
}
