package io.taskbroker.application.letters;

import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.application.letters.RunNote.Kind;
import io.taskbroker.application.letters.RunNote.Status;
import io.taskbroker.application.operations.Order;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Partition;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.PlainLetters;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.topics.InMemoryDeadLetters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs over dead letters where Kafka refuses, falls silent or is slow. */
class LetterRunTest {
  private static final Order ANN = new Order("ann", "the bank is back");
  private static final int FAST = DeadLetterDesk.HIGHEST_RATE;
  private static final String SENT = "elsewhere";
  private static final int LARGE = 400_000;

  private final BrokerFixture broker = BrokerFixture.start();
  private final InMemoryDeadLetters.Shelf shelf = new InMemoryDeadLetters.Shelf();
  private final Difficult topic = new Difficult(topic());
  private final DeadLetterDesk desk = desk(topic);
  private final DeadLetterDesk other = desk(topic());

  @AfterEach
  void close() {
    topic.read.countDown();
    desk.close();
    other.close();
    broker.close();
  }

  private DeadLetterTopic topic() {
    return new InMemoryDeadLetters(broker.topics(), BrokerFixture.DEAD_LETTERS, shelf);
  }

  private DeadLetterDesk desk(DeadLetterTopic seen) {
    return new DeadLetterDesk(
        seen,
        new Resending(BrokerFixture.DEAD_LETTERS, Map.of("source", SENT), SENT, new PlainLetters()),
        broker.broker().operations(),
        broker.time(),
        SystemThreads.INSTANCE);
  }

  private void letter(String id, int bytes) {
    NewActivation task = pending(id).application("shop").taskname("mail").arriving();
    broker
        .topics()
        .append(
            new Partition(BrokerFixture.DEAD_LETTERS, 0),
            PlainTask.of(task.activation(), new byte[bytes]).encode(),
            List.of(new Header(DeadLetterHeaders.SOURCE_TOPIC, "source".getBytes(UTF_8))));
  }

  private void letters(int many, int bytes) {
    for (int i = 0; i < many; i++) {
      letter("id-" + i, bytes);
    }
  }

  private RunNote awaitEnd() {
    broker.await(
        "the end of the run",
        () -> desk.run().filter(note -> note.status() != Status.RUNNING).isPresent());
    return desk.run().orElseThrow();
  }

  private List<PlainTask> sent() {
    return broker.tasksIn(SENT);
  }

  @Test
  void whatWasDoneWithoutAnAnswer_counts_whenTheRunGoesOn() {
    letters(10, 10);
    topic.loseAnswer.set(true);
    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 5);

    RunNote end = awaitEnd();
    assertThat(end.status()).isEqualTo(Status.DONE);
    assertThat(end.handled()).isEqualTo(5);
    assertThat(sent()).as("no more than were asked for").hasSize(5);
  }

  @Test
  void aRunWaitsForKafka_andGoesOnByItself() {
    letters(10, 10);
    topic.isAway.set(true);
    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 0);
    broker.await("it waits", this::isWaiting);
    assertThat(desk.run().orElseThrow().status()).isEqualTo(Status.RUNNING);

    topic.isAway.set(false);

    RunNote end = awaitEnd();
    assertThat(end.status()).isEqualTo(Status.DONE);
    assertThat(end.words()).isEmpty();
    assertThat(end.handled()).isEqualTo(10);
    assertThat(sent()).hasSize(10);
  }

  @Test
  void aRunThatWaitsForKafka_canBeStopped() {
    letters(10, 10);
    topic.isAway.set(true);
    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 0);
    broker.await("it waits", this::isWaiting);

    assertThat(desk.stop(ANN).status()).isEqualTo(Status.STOPPED);
    assertThat(sent()).isEmpty();
  }

  @Test
  void aRunThatWaitsForKafka_leavesTheTopicToWhoeverHasTakenItMeanwhile() throws Exception {
    letters(10, 10);
    topic.slow = true;
    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 0);
    assertThat(topic.reading.await(120, TimeUnit.SECONDS)).isTrue();
    topic.isAway.set(true);
    topic.read.countDown();
    broker.await("it waits", this::isWaiting);
    Difficult taken = new Difficult(topic());
    taken.slow = true;
    broker.time().advance(Duration.ofSeconds(1));
    try (DeadLetterDesk taker = desk(taken)) {
      taker.resume(ANN);
      assertThat(taken.reading.await(120, TimeUnit.SECONDS)).isTrue();
      topic.isAway.set(false);

      RunNote end = awaitEnd();
      assertThat(end.status()).isEqualTo(Status.FAILED);
      assertThat(end.words()).contains("taken over");

      taken.read.countDown();
      broker.await(
          "the other's end",
          () -> taker.run().filter(note -> note.status() == Status.DONE).isPresent());
      assertThat(sent()).hasSize(10);
    } finally {
      taken.read.countDown();
    }
  }

  private boolean isWaiting() {
    return desk.run().filter(note -> note.words().contains("waits for Kafka: away")).isPresent();
  }

  @Test
  void anotherBroker_beginsNone_whileOneStillLooksForItsFirstLetter() throws Exception {
    letters(3, 10);
    topic.slow = true;
    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 0);
    topic.reading.await();

    assertThatThrownBy(() -> other.begin(ANN, Kind.DROP, LetterFilter.ANY, FAST, 0))
        .isInstanceOf(LetterException.Conflict.class)
        .hasMessageContaining("A run is under way");

    topic.read.countDown();
    assertThat(awaitEnd().status()).isEqualTo(Status.DONE);
    assertThat(sent()).hasSize(3);
  }

  @Test
  void chosenOnesThatAreNotThere_areLeftOut() {
    letters(1, 10);
    LetterPosition there =
        desk.looks().page(LetterFilter.ANY, false, null, 1).letters().getFirst().at();
    List<LetterPosition> chosen =
        List.of(there, new LetterPosition(0, 1_000_000), new LetterPosition(70, 0));

    desk.begin(ANN, Kind.REQUEUE, new LetterFilter(null, null, null, null, chosen), FAST, 0);

    assertThat(awaitEnd().status()).isEqualTo(Status.DONE);
    assertThat(sent()).hasSize(1);
  }

  @Test
  void largeLetters_areSentFewAtATime() {
    letters(30, LARGE);

    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 0);

    assertThat(awaitEnd().status()).isEqualTo(Status.DONE);
    assertThat(sent()).hasSize(30);
    assertThat(Collections.max(topic.bytes)).isLessThan(5L * 1024 * 1024);
  }

  @Test
  void asManyAreSentAsWereAskedFor_alsoIfKafkaRefusesSome() {
    letter("refused", LARGE);
    letters(3, 10);
    topic.mostBytes = LARGE;

    desk.begin(ANN, Kind.REQUEUE, LetterFilter.ANY, FAST, 2);

    RunNote end = awaitEnd();
    assertThat(end.status()).isEqualTo(Status.DONE);
    assertThat(end.handled()).isEqualTo(2);
    assertThat(sent()).hasSize(2);
  }

  /** Does what Kafka may do. */
  private static final class Difficult implements DeadLetterTopic {
    private final DeadLetterTopic inner;
    private final List<Long> bytes = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch reading = new CountDownLatch(1);
    private final CountDownLatch read = new CountDownLatch(1);
    private final AtomicBoolean loseAnswer = new AtomicBoolean();

    /** Whether Kafka lets nobody handle anything. */
    private final AtomicBoolean isAway = new AtomicBoolean();

    private volatile boolean slow;
    private volatile int mostBytes = Integer.MAX_VALUE;

    private Difficult(DeadLetterTopic inner) {
      this.inner = inner;
    }

    @Override
    public String name() {
      return inner.name();
    }

    @Override
    public Extent extent() {
      return inner.extent();
    }

    @Override
    public Reading reading() {
      Reading plain = inner.reading();
      return new Reading() {
        @Override
        public List<SourceRecord> read(int partition, long from, long to) {
          if (slow) {
            reading.countDown();
            boolean _ = awaited(read);
          }
          List<SourceRecord> found = new ArrayList<>();
          List<SourceRecord> some = plain.read(partition, from, to);
          while (!some.isEmpty()) { // as many as Kafka gives at a time
            found.addAll(some);
            some = plain.read(partition, some.getLast().offset() + 1, to);
          }
          return found;
        }

        @Override
        public void close() {
          plain.close();
        }
      };
    }

    private static boolean awaited(CountDownLatch latch) {
      try {
        latch.await();
        return true;
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    @Override
    public Marks marks() {
      return inner.marks();
    }

    @Override
    public Hand take() {
      demandKafka();
      Hand plain = inner.take();
      return new Hand() {
        @Override
        public void handle(List<Handling> some, String note) {
          demandKafka();
          refuseLarge(some);
          plain.handle(some, note);
          if (!some.isEmpty() && loseAnswer.getAndSet(false)) {
            throw new LetterException.Unavailable("no answer", new IllegalStateException("lost"));
          }
        }

        @Override
        public void close() {
          plain.close();
        }
      };
    }

    private void demandKafka() {
      if (isAway.get()) {
        throw new LetterException.Unavailable("away", new IllegalStateException("away"));
      }
    }

    private void refuseLarge(List<Handling> some) {
      long sum = 0;
      for (Handling one : some) {
        Resent again = one.again();
        int length = again == null ? 0 : again.value().length;
        if (length > mostBytes) {
          throw new LetterException.Refused("too large", new IllegalStateException("large"));
        }
        sum += length;
      }
      bytes.add(sum);
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
