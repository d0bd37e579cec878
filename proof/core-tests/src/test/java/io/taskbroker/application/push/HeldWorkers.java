package io.taskbroker.application.push;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Workers of the application {@code shop} that answer when the test has them. */
final class HeldWorkers implements WorkerGateway {
  record Push(WorkerConnection over, Delivered task, CompletableFuture<Answer> answer) {
    void answered(Answer with) {
      answer.complete(with);
    }
  }

  private final BlockingQueue<Push> waiting = new LinkedBlockingQueue<>();
  private final BlockingQueue<Push> taken = new LinkedBlockingQueue<>();
  private volatile Workers workers = at("worker:1");
  private volatile Health health = Health.SERVING;
  private volatile int healthChecks;

  private static Workers at(String... addresses) {
    Map<String, Integer> numbers = new HashMap<>();
    return new Workers(
        Arrays.stream(addresses)
            .map(to -> new WorkerConnection(to, numbers.merge(to, 1, Integer::sum)))
            .toList(),
        addresses.length == 0 ? "nobody is there" : "");
  }

  /** From here on there is one connection for each of these words. */
  void connections(String... addresses) {
    workers = at(addresses);
  }

  /** From here on health services say so. */
  void health(Health says) {
    health = says;
  }

  /** How often a health service was asked. */
  int healthChecks() {
    return healthChecks;
  }

  @Override
  public Set<String> applications() {
    return Set.of("shop");
  }

  @Override
  public Workers workers(String application) {
    return workers;
  }

  @Override
  public synchronized CompletionStage<Health> health(String application, WorkerConnection over) {
    healthChecks++;
    return CompletableFuture.completedFuture(health);
  }

  @Override
  public CompletionStage<Answer> push(
      String application, WorkerConnection over, Delivered activation) {
    var push = new Push(over, activation, new CompletableFuture<>());
    waiting.add(push);
    return push.answer();
  }

  Push take() throws InterruptedException {
    Push push = waiting.poll(60, TimeUnit.SECONDS);
    if (push == null) {
      throw new AssertionError("nothing was pushed");
    }
    taken.add(push);
    return push;
  }

  void answerAll(Answer answer) {
    taken.forEach(push -> push.answer().complete(answer));
  }

  boolean hasMore() {
    return !waiting.isEmpty();
  }
}
