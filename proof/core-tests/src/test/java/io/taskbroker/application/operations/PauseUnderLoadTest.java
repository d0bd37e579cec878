package io.taskbroker.application.operations;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An application is paused while workers take its tasks as fast as they can. */
@Timeout(120)
class PauseUnderLoadTest {
  private static final int TASKS = 2_000;
  private static final int WORKERS = 4;
  private static final PauseTarget SHOP = PauseTarget.ofApplication("shop");

  private final BrokerFixture broker =
      BrokerFixture.builder()
          .limits(
              new Backpressure.Limits(
                  2 * TASKS, 100, 2 * TASKS, 100, null, Long.MAX_VALUE, Long.MAX_VALUE))
          .start();
  private final Map<String, AtomicInteger> handedOut =
      Map.of("shop", new AtomicInteger(), "bank", new AtomicInteger());
  private final Map<String, AtomicInteger> ofEach = new ConcurrentHashMap<>();

  @AfterEach
  void close() {
    broker.close();
  }

  private int handedOut(String application) {
    return handedOut.getOrDefault(application, new AtomicInteger()).get();
  }

  private void produce() {
    IntStream.range(0, TASKS)
        .forEach(
            i ->
                broker.produce(
                    pending("s" + i).application("shop"), pending("b" + i).application("bank")));
  }

  private int waiting() {
    return broker.broker().vitals().depths().pending();
  }

  /** Several workers take all that they are given, and are gone when there is nothing. */
  private List<Thread> work() {
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      workers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (var task = broker.next(); task.isPresent(); task = broker.next()) {
                      done(task.get());
                    }
                  }));
    }
    return workers;
  }

  private void done(Delivered task) {
    var facts = task.claim().activation();
    handedOut.getOrDefault(facts.application(), new AtomicInteger()).incrementAndGet();
    ofEach.computeIfAbsent(facts.id(), _ -> new AtomicInteger()).incrementAndGet();
    broker.report(task, Conclusion.COMPLETE);
  }

  private static void awaitEnd(List<Thread> workers) throws InterruptedException {
    for (Thread worker : workers) {
      worker.join();
    }
  }

  @Test
  void nothingOfItIsHandedOut_alsoAfterARestart_untilItIsResumed() throws Exception {
    produce();
    broker.await("the tasks", () -> waiting() == 2 * TASKS);
    List<Thread> workers = work();
    broker.await("some to be taken", () -> handedOut("shop") > 0);

    broker.broker().operations().pause(new Order("ann", "deploy"), SHOP, null);
    // What was handed out before the answer may be counted a moment after it, once by each worker.
    int atThePause = handedOut("shop");
    awaitEnd(workers);

    assertThat(handedOut("bank")).isEqualTo(TASKS);
    assertThat(handedOut("shop")).isBetween(atThePause, Math.min(TASKS, atThePause + WORKERS));
    int left = TASKS - handedOut("shop");

    broker.restart();
    broker.await("what is left", () -> waiting() == left);
    assertThat(broker.broker().operations().pauses())
        .singleElement()
        .satisfies(pause -> assertThat(pause.by()).isEqualTo("ann"))
        .satisfies(pause -> assertThat(pause.target()).isEqualTo(SHOP));
    assertThat(broker.next()).isEmpty();

    broker.broker().operations().resume(new Order("ann", "over"), SHOP);
    awaitEnd(work());

    assertThat(handedOut("shop")).isEqualTo(TASKS);
    assertThat(ofEach).allSatisfy((_, times) -> assertThat(times).hasValue(1));
  }
}
