package io.taskbroker.application.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.operations.Order;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker that is attached by a line which ends, or has no room, at the wrong moment. */
class SessionTest {
  private static final long PLENTY = 1 << 20;

  private final BrokerFixture broker = BrokerFixture.start();

  @AfterEach
  void close() {
    broker.close();
  }

  /** Keeps what it is given while it is there. */
  private static final class MemoryLine implements Line {
    private final BlockingQueue<Delivered> tasks = new LinkedBlockingQueue<>();
    private final Queue<String> cancelled = new ConcurrentLinkedQueue<>();
    private volatile boolean isThere = true;
    private volatile boolean hasRoom = true;
    private volatile int room;

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public boolean isEnding() {
      return false;
    }

    @Override
    public synchronized boolean takesRoom(Claim claim) {
      room += hasRoom ? 1 : 0;
      return hasRoom;
    }

    @Override
    public synchronized void givesRoomBack(Claim claim) {
      room--;
    }

    @Override
    public boolean tasks(List<Delivered> given, @Nullable Duration longestPause) {
      if (isThere) {
        tasks.addAll(given);
      }
      return isThere;
    }

    @Override
    public void answers(List<News> news, List<Answer> answers) {}

    @Override
    public void notNow(List<News> news) {}

    @Override
    public void cancel(List<Attempt> attempts) {
      attempts.forEach(one -> cancelled.add(one.id()));
    }

    @Override
    public void draining() {}
  }

  private Session attach(Line line) {
    var anything = List.of(new ClaimFilter(null, null));
    return broker
        .broker()
        .exchange()
        .attach(new Greeting(anything, PLENTY, null, List.of()), line)
        .toCompletableFuture()
        .join()
        .session();
  }

  @Test
  void whatALineThatIsGoneWasToTake_goesToTheNextWorker() {
    var line = new MemoryLine();
    line.isThere = false;
    Session session = attach(line);
    session.credit(1, PLENTY);
    broker.produce(Activations.pending("a"));
    broker.await("the task on no line", () -> line.room == 1);
    session.close();

    Delivered task = broker.take();

    assertThat(task.claim().attempts()).isZero();
    assertThat(line.room).isZero();
  }

  @Test
  void whatALineHasNoRoomFor_goesToTheNextWorker() throws InterruptedException {
    var full = new MemoryLine();
    full.hasRoom = false;
    attach(full).credit(1, PLENTY);
    var other = new MemoryLine();
    attach(other).credit(1, PLENTY);

    broker.produce(Activations.pending("a"));

    Delivered task = other.tasks.poll(60, TimeUnit.SECONDS);
    assertThat(task).isNotNull();
    assertThat(full.tasks).isEmpty();
  }

  @Test
  void aSessionThatClosesWhileItAsks_isGivenNothing() {
    var line = new MemoryLine();
    Session session = attach(line);
    session.credit(1, PLENTY);
    session.close();

    broker.produce(Activations.pending("a"));

    assertThat(broker.take().claim().attempts()).isZero();
    assertThat(line.tasks).isEmpty();
  }

  @Test
  void whatAnOperatorTakesFromAWorker_itIsToldToLeave_andNobodyElseIs()
      throws InterruptedException {
    var line = new MemoryLine();
    attach(line).credit(2, PLENTY);
    broker.produce(Activations.pending("a"), Activations.pending("b"));
    for (int task = 0; task < 2; task++) {
      assertThat(line.tasks.poll(60, TimeUnit.SECONDS)).isNotNull();
    }
    var other = new MemoryLine();
    attach(other).credit(2, PLENTY);

    operate(Act.CANCEL, "a");
    operate(Act.CANCEL, "a");
    operate(Act.GIVE_BACK, "b");

    assertThat(line.cancelled).containsExactly("a", "b");
    assertThat(other.cancelled).isEmpty();
  }

  @Test
  void aWorkerFromWhichATaskIsTaken_isGivenNothingBeforeItSaysSomething()
      throws InterruptedException {
    var hanging = new MemoryLine();
    Session session = attach(hanging);
    session.credit(5, PLENTY);
    broker.produce(Activations.pending("a"));
    assertThat(hanging.tasks.poll(60, TimeUnit.SECONDS)).isNotNull();

    operate(Act.GIVE_BACK, "a");

    assertThat(broker.take().claim().activation().id()).isEqualTo("a");
    assertThat(hanging.tasks).isEmpty();
    session.credit(1, PLENTY);
    broker.produce(Activations.pending("b"));
    broker.time().advance(Duration.ofSeconds(1));
    broker.broker().exchange().tick();
    assertThat(hanging.tasks.poll(60, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void aWorkerThatNeverAnswersToACancel_isTriedAgainInTheEnd() throws InterruptedException {
    var line = new MemoryLine();
    attach(line).credit(5, PLENTY);
    broker.produce(Activations.pending("a"));
    assertThat(line.tasks.poll(60, TimeUnit.SECONDS)).isNotNull();
    operate(Act.CANCEL, "a");
    broker.produce(Activations.pending("b"));

    broker.time().advance(Duration.ofSeconds(31));
    broker.broker().exchange().tick();

    assertThat(line.tasks.poll(60, TimeUnit.SECONDS)).isNotNull();
  }

  private void operate(Act act, String id) {
    var _ = broker.broker().operations().act(new Order("ann", ""), act, id);
  }
}
