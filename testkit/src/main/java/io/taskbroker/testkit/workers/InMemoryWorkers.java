package io.taskbroker.testkit.workers;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerConnection;
import io.taskbroker.application.push.WorkerGateway;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Workers that wait to be called. They accept everything and keep it for {@link #take}, until a
 * test has them answer otherwise. Safe for all threads.
 */
public final class InMemoryWorkers implements WorkerGateway {
  private static final long LONGEST_WAIT_SEC = 120;
  private static final Answer ACCEPTED = new Answer.Accepted();

  private final Set<String> applications;
  private final Workers workers = new Workers(List.of(new WorkerConnection("in-memory:1", 1)), "");
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final BlockingQueue<Delivered> accepted = new LinkedBlockingQueue<>();

  private InMemoryWorkers(Set<String> applications) {
    this.applications = applications;
  }

  /** One connection to workers for each of these applications. */
  public static InMemoryWorkers of(String... applications) {
    return new InMemoryWorkers(Set.of(applications));
  }

  /** From here on each push to the application's workers is answered so. */
  public void answer(String application, Answer answer) {
    answers.put(application, answer);
  }

  @Override
  public Set<String> applications() {
    return applications;
  }

  @Override
  public Workers workers(String application) {
    return workers;
  }

  /** They serve whenever they accept. */
  @Override
  public CompletionStage<Health> health(String application, WorkerConnection over) {
    boolean accept = answers.getOrDefault(application, ACCEPTED) instanceof Answer.Accepted;
    return CompletableFuture.completedFuture(accept ? Health.SERVING : Health.NOT_SERVING);
  }

  @Override
  public CompletionStage<Answer> push(
      String application, WorkerConnection over, Delivered activation) {
    Answer answer = answers.getOrDefault(application, ACCEPTED);
    if (answer instanceof Answer.Accepted) {
      accepted.add(activation);
    }
    return CompletableFuture.completedFuture(answer);
  }

  /** The oldest activation that was accepted and not taken yet, if there is one. */
  public Optional<Delivered> next() {
    return Optional.ofNullable(accepted.poll());
  }

  /** As {@link #next}, but waits for it. */
  public Delivered take() {
    try {
      Delivered taken = accepted.poll(LONGEST_WAIT_SEC, TimeUnit.SECONDS);
      if (taken == null) {
        throw new AssertionError("waited in vain for something to be pushed");
      }
      return taken;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
