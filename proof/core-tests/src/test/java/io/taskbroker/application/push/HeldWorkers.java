package io.taskbroker.application.push;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Workers that answer when the test has them. */
final class HeldWorkers implements WorkerGateway {
  record Push(Delivered task, CompletableFuture<Answer> answer) {}

  private final BlockingQueue<Push> waiting = new LinkedBlockingQueue<>();
  private final BlockingQueue<Push> taken = new LinkedBlockingQueue<>();

  @Override
  public Set<String> applications() {
    return Set.of("shop");
  }

  @Override
  public CompletionStage<Answer> push(String application, Delivered activation) {
    var push = new Push(activation, new CompletableFuture<>());
    waiting.add(push);
    return push.answer();
  }

  Push take() throws InterruptedException {
    Push push = waiting.poll(20, TimeUnit.SECONDS);
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
