package io.taskbroker.application.operations;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.exchange.Greeting;
import io.taskbroker.application.exchange.Line;
import io.taskbroker.application.operations.Explanation.Kind;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.Drain.OnEmpty;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.workers.InMemoryWorkers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A whole broker is told to take nothing in, and to serve what it has. */
@Timeout(120)
class DrainingTest {
  private static final Order ANN = new Order("ann", "a deploy");

  private BrokerFixture broker = BrokerFixture.start();

  @AfterEach
  void close() {
    broker.close();
  }

  private Draining draining() {
    return broker.broker().draining();
  }

  private void produce(Activations... tasks) {
    int before = stored();
    broker.produce(tasks);
    broker.await("the tasks", () -> stored() == before + tasks.length);
  }

  private int stored() {
    return broker.broker().vitals().depths().unfinished();
  }

  private boolean isEmpty() {
    return draining().sight().filter(DrainSight::isEmpty).isPresent();
  }

  private String left() {
    return draining().sight().map(DrainSight::left).orElse("not draining");
  }

  private void begin(OnEmpty onEmpty) {
    draining().begin(ANN, onEmpty);
    broker.await("the topic to be left", () -> !left().contains("topic"));
  }

  private String take(Conclusion conclusion) {
    Delivered task = broker.take();
    assertThat(broker.report(task, conclusion)).isTrue();
    return task.claim().activation().id();
  }

  @Test
  void nothingIsTakenIn_whatIsThereIsServed_andTasksComeAgainWhenItEnds() {
    produce(pending("a"), pending("b").atMostOnce());
    begin(OnEmpty.STAY);
    broker.produce(pending("c"));

    assertThat(left()).isEqualTo("2 wait for a worker");
    assertThat(broker.broker().health().whyNotReady()).isEmpty();
    assertThat(broker.broker().health().readyWords()).contains("draining: 2 wait for a worker");
    List<String> taken = new ArrayList<>(List.of(take(Conclusion.COMPLETE)));
    assertThat(left()).startsWith("1 waits for a worker");
    taken.add(take(Conclusion.COMPLETE));
    assertThat(taken).containsExactlyInAnyOrder("a", "b");
    broker.await("it to be empty", this::isEmpty);

    assertThat(broker.next()).isEmpty();
    assertThat(broker.broker().health().whyNotReady())
        .contains("drained: nothing is stored, and no topic is read");
    assertThat(broker.broker().health().isServing()).isTrue();
    assertThat(draining().exit().toCompletableFuture()).isNotDone();
    assertThat(draining().end(new Order("bob", "it is deployed"))).isTrue();
    assertThat(take(Conclusion.COMPLETE)).isEqualTo("c");
    assertThat(broker.broker().health().whyNotReady()).isEmpty();
    assertThat(draining().end(ANN)).isFalse();
    assertThat(broker.broker().operations().audit())
        .extracting(entry -> String.join(", ", entry.actor(), entry.order(), entry.result()))
        .satisfiesExactly(
            last -> assertThat(last).isEqualTo("ann, end the drain, was not draining"),
            end -> assertThat(end).isEqualTo("bob, end the drain, takes tasks in again"),
            first -> assertThat(first).startsWith("ann, drain, draining: 2 wait for a worker"));
  }

  @Test
  void theOrderHoldsOverARestart_andSoDoesWhatIsServed() {
    produce(pending("a"));
    begin(OnEmpty.STAY);
    broker.restart();
    broker.produce(pending("b"));

    assertThat(draining().sight().map(DrainSight::order))
        .contains(new Drain("ann", "a deploy", SettableTime.START.wallMs(), OnEmpty.STAY));
    assertThat(take(Conclusion.COMPLETE)).isEqualTo("a");
    broker.await("it to be empty", this::isEmpty);
    assertThat(broker.next()).isEmpty();

    broker.crash();
    assertThat(isEmpty()).isTrue();
    draining().end(ANN);
    broker.restart();
    assertThat(draining().sight()).isEmpty();
    assertThat(take(Conclusion.COMPLETE)).isEqualTo("b");
  }

  @Test
  void aBrokerThatIsToExit_doesSoOnceItIsEmpty_andTheNextOneTakesTasksIn() {
    produce(pending("a"));
    begin(OnEmpty.EXIT);
    Delivered task = broker.take();
    broker.awaitUpkeep();
    assertThat(draining().exit().toCompletableFuture()).isNotDone();

    broker.report(task, Conclusion.COMPLETE);
    broker.await("the exit", draining().exit().toCompletableFuture()::isDone);

    broker.produce(pending("b"));
    assertThat(draining().end(ANN)).as("this process takes nothing in any more").isFalse();
    broker.awaitUpkeep();
    assertThat(isEmpty()).isTrue();
    assertThat(broker.next()).isEmpty();
    broker.restart();
    assertThat(draining().sight()).isEmpty();
    assertThat(take(Conclusion.COMPLETE)).isEqualTo("b");
  }

  @Test
  void anExitThatIsOrderedOfAnEmptyBroker_comesAtOnce_andALaterOrderTakesThePlace() {
    begin(OnEmpty.STAY);
    broker.await("it to be empty", this::isEmpty);

    draining().begin(ANN, OnEmpty.EXIT);

    broker.await("the exit", draining().exit().toCompletableFuture()::isDone);
  }

  @Test
  void whatFails_leavesThroughKafka_andIsNotTakenInAgain() {
    produce(pending("a").deadLettered(), pending("b").deadLettered());
    begin(OnEmpty.STAY);

    take(Conclusion.RETRY);
    take(Conclusion.FAILURE);

    broker.await("it to be empty", this::isEmpty);
    assertThat(broker.tasksIn(BrokerFixture.TOPIC)).hasSize(3); // the two, and the retry
    assertThat(broker.tasksIn(BrokerFixture.DEAD_LETTERS)).hasSize(1);
    Depths depths = broker.broker().vitals().depths();
    assertThat(depths.unfinished() + depths.outbox() + depths.finished()).isZero();
  }

  @Test
  void whatIsDelayed_keepsItFromBeingEmpty_andIsServedInTime() {
    produce(delayed("a", SettableTime.START.wallMs() + 90_000));
    begin(OnEmpty.STAY);
    assertThat(left()).isEqualTo("1 is delayed, the first for another 90 s");

    broker.time().advance(Duration.ofSeconds(91));

    assertThat(take(Conclusion.COMPLETE)).isEqualTo("a");
    broker.await("it to be empty", this::isEmpty);
  }

  @Test
  void workersThatWaitToBeCalled_areCalled() {
    broker.close();
    InMemoryWorkers workers = InMemoryWorkers.of("shop");
    workers.answer("shop", new Answer.Busy());
    broker = BrokerFixture.builder().workers(workers).start();
    produce(pending("a").application("shop"));
    begin(OnEmpty.STAY);
    workers.answer("shop", new Answer.Accepted());

    assertThat(broker.report(taken(workers), Conclusion.COMPLETE)).isTrue();

    broker.await("it to be empty", this::isEmpty);
  }

  /** What they are given, however often they were busy before. */
  private Delivered taken(InMemoryWorkers workers) {
    List<Delivered> taken = new ArrayList<>();
    broker.await(
        "a worker to be called",
        () -> {
          broker.time().advance(Duration.ofMillis(100)); // a pause may have begun just now
          workers.next().ifPresent(taken::add);
          return !taken.isEmpty();
        });
    return taken.getFirst();
  }

  /** Keeps what it is given. */
  private static final class MemoryLine implements Line {
    private final BlockingQueue<Delivered> tasks = new LinkedBlockingQueue<>();

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public boolean isEnding() {
      return false;
    }

    @Override
    public boolean takesRoom(Claim claim) {
      return true;
    }

    @Override
    public void givesRoomBack(Claim claim) {}

    @Override
    public boolean tasks(List<Delivered> given, @Nullable Duration longestPause) {
      return tasks.addAll(given);
    }

    @Override
    public void answers(List<News> news, List<io.taskbroker.domain.attempt.Answer> answers) {}

    @Override
    public void notNow(List<News> news) {}

    @Override
    public void cancel(List<Attempt> attempts) {
      throw new AssertionError("no operator takes a task from anybody");
    }

    @Override
    public void draining() {
      throw new AssertionError("the broker does not stop: nobody has to detach");
    }
  }

  @Test
  void workersThatAreAttached_areGivenWhatIsThere() throws InterruptedException {
    produce(pending("a"));
    begin(OnEmpty.STAY);
    var line = new MemoryLine();
    var greeting = new Greeting(List.of(new ClaimFilter(null, null)), 1 << 20, null, List.of());

    broker
        .broker()
        .exchange()
        .attach(greeting, line)
        .toCompletableFuture()
        .join()
        .session()
        .credit(1, 1 << 20);
    Delivered task = line.tasks.poll(60, TimeUnit.SECONDS);

    assertThat(task).isNotNull();
    assertThat(broker.report(task, Conclusion.COMPLETE)).isTrue();
    broker.await("it to be empty", this::isEmpty);
  }

  @Test
  void itIsExplained_asWhatSomebodyWants_andIsNoStandstill() {
    produce(pending("a"));
    begin(OnEmpty.EXIT);

    assertThat(broker.broker().explanations().ofEverything())
        .filteredOn(one -> one.kind() == Kind.DRAIN)
        .singleElement()
        .satisfies(
            one ->
                assertThat(one.why())
                    .isEqualTo(
                        "this broker drains, as ann has ordered, because: a deploy. Left: 1 waits for"
                            + " a worker"))
        .satisfies(one -> assertThat(one.remedy()).contains("process ends once it is empty"));
    assertThat(broker.broker().stalls().current()).isEmpty();
  }
}
