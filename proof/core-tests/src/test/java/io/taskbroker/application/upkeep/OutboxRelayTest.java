package io.taskbroker.application.upkeep;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.topics.InMemoryPublisher;
import io.taskbroker.testkit.topics.InMemoryTopics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One lane, turn by turn. */
class OutboxRelayTest {
  private static final int ROWS = 1_500;
  private static final String TO = "out";

  private final SettableTime time = new SettableTime();
  private final InMemoryTopics topics = new InMemoryTopics(1, time);
  private final InMemoryPublisher publisher = new InMemoryPublisher(topics);
  private final List<Long> unreadable = new ArrayList<>();
  private final OwnedStore store =
      OwnedStore.open(
          new ForwardingJournal(new InMemoryFile().open()) {
            @Override
            public Map<Long, byte[]> payloads(Collection<Long> keys) {
              keys.forEach(this::read);
              return super.payloads(keys);
            }

            @Override
            public Optional<byte[]> largePayload(long key) {
              read(key);
              return super.largePayload(key);
            }

            private void read(long key) {
              if (unreadable.contains(key)) {
                throw new JournalException.NothingChanged(
                    "disk I/O error", new IOException("IOERR_READ"));
              }
            }
          },
          new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
          time,
          SystemThreads.INSTANCE,
          _ -> {});

  @AfterEach
  void close() {
    store.close();
  }

  /** Gives back what it is given; throws for the activation called t0. */
  private record Encoder(@Nullable Throwable poison) implements ActivationEncoder {
    @Override
    public byte[] withOverride(byte[] payload, RetryOverride override) {
      return payload;
    }

    @Override
    public int earlierAttempts(byte[] payload) {
      return 2;
    }

    @Override
    public Retry nextAttempt(
        Activation activation, byte[] payload, RetryOverride override, long nowMs) {
      if (activation.id().equals("t0")) {
        if (poison instanceof Error error) {
          throw error;
        }
        if (poison instanceof RuntimeException exception) {
          throw exception;
        }
      }
      return new Retry(activation.id() + "'", payload);
    }
  }

  private OutboxRelay relay(Lane lane, Encoder encoder, EventSink<OutboxEvent> metrics) {
    return relay(lane, encoder, metrics, publisher);
  }

  private OutboxRelay relay(
      Lane lane, Encoder encoder, EventSink<OutboxEvent> metrics, Publisher toPublisher) {
    return new OutboxRelay(
        lane,
        () -> new OutboxRelay.Target(TO, toPublisher),
        store.outbox(),
        encoder,
        time,
        new Stalls(time),
        new PublishedCounts(),
        metrics);
  }

  private void awaitRetry(int rows) {
    List<NewActivation> batch =
        IntStream.range(0, rows)
            .mapToObj(i -> Activations.pending("t" + i).offset(i).arriving())
            .toList();
    store.intake().add(batch, new AssignmentEpoch());
    List<Report> reports =
        batch.stream()
            .map(task -> new Report(task.activation().id(), Conclusion.RETRY, RetryOverride.NONE))
            .toList();
    store.dispatch().concludeAll(reports).toCompletableFuture().join();
  }

  private static void turnsUntilNothingLeaves(OutboxRelay relay) {
    int left = relay.turn();
    while (left > 0) {
      left = relay.turn();
    }
  }

  /** What the store was told before is written when it answers this. */
  private void awaitWritten() {
    store.sweeps().sweep(Sweep.EXPIRY, 1);
  }

  private int left() {
    return topics.records(TO).size();
  }

  static Stream<Throwable> poisons() {
    return Stream.of(
        new IllegalArgumentException("no activation"),
        new IllegalStateException("a defect"),
        new StackOverflowError(),
        new NoClassDefFoundError("gone"),
        new AssertionError("cannot be"));
  }

  @ParameterizedTest
  @MethodSource("poisons")
  void aRowThatCannotBeEncoded_isParked_andAllOthersLeave(Throwable poison) {
    awaitRetry(ROWS);
    OutboxRelay relay = relay(Lane.RETRY, new Encoder(poison), EventSink.none());

    turnsUntilNothingLeaves(relay);

    assertThat(left()).isEqualTo(ROWS - 1);
    assertThat(store.sweeps().depths().parked()).isEqualTo(1);
    assertThat(store.sweeps().depths().outbox()).isZero();
  }

  @Test
  void aRowThatCannotBeRead_isPutAside_andAllOthersLeave() {
    awaitRetry(ROWS);
    unreadable.add(1L);
    OutboxRelay relay = relay(Lane.RETRY, plain(), EventSink.none());

    turnsUntilNothingLeaves(relay);

    assertThat(left()).isEqualTo(ROWS - 1);
  }

  @Test
  void aLaneWithoutRows_isNotLate_howeverLongItIsEmpty() {
    List<Duration> ages = new ArrayList<>();
    OutboxRelay relay = relay(Lane.RETRY, plain(), ages(ages));

    for (int turn = 0; turn < 3; turn++) {
      time.advance(Duration.ofHours(1));
      relay.turn();
    }
    assertThat(ages).containsExactly(Duration.ZERO, Duration.ZERO, Duration.ZERO);

    awaitRetry(1);
    publisher.refuse(TO, "Kafka is away");
    time.advance(Duration.ofSeconds(7));
    relay.turn();
    time.advance(Duration.ofSeconds(7));
    relay.turn();
    assertThat(ages.getLast()).isEqualTo(Duration.ofSeconds(14));

    publisher.accept(TO);
    time.advance(Duration.ofMinutes(1));
    relay.turn();
    relay.turn();
    assertThat(left()).isEqualTo(1);
    assertThat(ages.getLast()).isZero();
  }

  @Test
  void aLaneWhoseRowsCannotBeTaken_isLate() {
    List<Duration> ages = new ArrayList<>();
    OutboxRelay relay = relay(Lane.RETRY, plain(), ages(ages));
    relay.turn();
    awaitRetry(1);
    unreadable.add(1L);
    time.advance(Duration.ofSeconds(7));

    assertThatThrownBy(relay::turn).isInstanceOf(StoreException.Unavailable.class);

    assertThat(ages.getLast()).isEqualTo(Duration.ofSeconds(7));
  }

  private static EventSink<OutboxEvent> ages(List<Duration> ages) {
    return event -> {
      if (event instanceof OutboxEvent.Behind(_, Duration age)) {
        ages.add(age);
      }
    };
  }

  @Test
  void aListenerThatBreaks_makesNothingLeaveTwice() {
    awaitRetry(10);
    EventSink<OutboxEvent> broken =
        event -> {
          if (event instanceof OutboxEvent.Published) {
            throw new IllegalStateException("broken");
          }
        };
    OutboxRelay relay = relay(Lane.RETRY, plain(), broken);

    assertThatThrownBy(relay::turn).isInstanceOf(IllegalStateException.class);
    awaitWritten();
    time.advance(Duration.ofMinutes(1));

    assertThat(relay.turn()).isZero();
    assertThat(left()).isEqualTo(10);
  }

  @Test
  void whatIsRefusedByItself_holdsUpNothing_andLeavesByItself() {
    awaitRetry(3);
    List<String> refused = new ArrayList<>(List.of("t1'"));
    Publisher choosy =
        (topic, records) ->
            records.stream()
                .map(
                    record ->
                        refused.contains(record.partitionKey())
                            ? new Fate.Refused("a policy")
                            : publisher.publish(topic, List.of(record)).getFirst())
                .toList();
    OutboxRelay relay = relay(Lane.RETRY, plain(), EventSink.none(), choosy);

    relay.turn();
    assertThat(left()).isEqualTo(2);
    awaitWritten();
    time.advance(Duration.ofSeconds(5));
    relay.turn();
    assertThat(left()).isEqualTo(2);

    refused.clear();
    awaitWritten();
    time.advance(Duration.ofSeconds(10));
    relay.turn();
    assertThat(left()).isEqualTo(3);
  }

  @Test
  void aRowThatStaysBehindWhileOthersLeave_isKeptAsideInTheEnd() {
    awaitRetry(1);
    List<Integer> sizes = new ArrayList<>();
    Publisher oneFails =
        (topic, records) -> {
          sizes.add(records.size());
          return records.stream()
              .map(
                  record ->
                      "t0'".equals(record.partitionKey())
                          ? new Fate.NotNow("its partition has no leader")
                          : publisher.publish(topic, List.of(record)).getFirst())
              .toList();
        };
    OutboxRelay relay = relay(Lane.RETRY, plain(), EventSink.none(), oneFails);
    for (int i = 1; i <= 3; i++) {
      addAwaitingRetry("late" + i, i);
      relay.turn();
      time.advance(Duration.ofSeconds(1));
    }

    assertThat(relay.turn()).isZero();
    assertThat(store.sweeps().depths().parked()).isEqualTo(1);
    assertThat(sizes).containsExactly(2, 2, 2);
    assertThat(left()).isEqualTo(3);
  }

  private void addAwaitingRetry(String id, long offset) {
    store
        .intake()
        .add(List.of(Activations.pending(id).offset(offset).arriving()), new AssignmentEpoch());
    store
        .dispatch()
        .conclude(new Report(id, Conclusion.RETRY, RetryOverride.NONE), null)
        .toCompletableFuture()
        .join();
  }

  @Test
  void aDeadLetterThatHasNoRoomForWords_leavesWithoutThem() {
    failed("a", new byte[100]);
    Publisher narrow =
        (topic, records) ->
            records.stream()
                .map(
                    record ->
                        record.headers().isEmpty()
                            ? publisher.publish(topic, List.of(record)).getFirst()
                            : new Fate.Never("too large"))
                .toList();

    relay(Lane.DEAD_LETTER, plain(), EventSink.none(), narrow).turn();

    assertThat(topics.records(TO))
        .singleElement()
        .satisfies(letter -> assertThat(letter.headers()).isEmpty());
    assertThat(store.sweeps().depths().parked()).isZero();
  }

  @Test
  void deadLettersWithoutRoomForWords_leaveTogether_soThatNoTurnWaitsForEach() {
    for (int i = 0; i < 100; i++) {
      failed("t" + i, new byte[100]);
    }
    AtomicInteger calls = new AtomicInteger();
    Publisher away =
        (_, records) -> {
          calls.incrementAndGet();
          return records.stream()
              .<Fate>map(
                  record ->
                      record.headers().isEmpty()
                          ? new Fate.NotNow("Kafka is away")
                          : new Fate.Refused("too large for the topic"))
              .toList();
        };

    assertThat(relay(Lane.DEAD_LETTER, plain(), EventSink.none(), away).turn()).isZero();

    assertThat(calls).hasValue(2);
    assertThat(store.sweeps().depths().parked()).isZero();
  }

  @Test
  void aFailedTask_saysWhyItIsHere() {
    failed("a", new byte[] {1, 2, 3});

    assertThat(words(Lane.DEAD_LETTER))
        .containsEntry(DeadLetterHeaders.REASON, "a worker reported that it failed")
        .containsEntry(DeadLetterHeaders.ATTEMPTS, "3") // two before this one
        .containsEntry(DeadLetterHeaders.FIRST_TIME, receivedAt("a"))
        .containsEntry(DeadLetterHeaders.LAST_TIME, now())
        .containsEntry(DeadLetterHeaders.SOURCE_TOPIC, "taskworker")
        .containsEntry(DeadLetterHeaders.SOURCE_PARTITION, "0")
        .containsEntry(DeadLetterHeaders.SOURCE_OFFSET, "7")
        .doesNotContainKey(DeadLetterHeaders.LAST_ERROR);
    assertThat(topics.records(TO).getFirst().value()).containsExactly(1, 2, 3);
  }

  @Test
  void aTaskThatHasUsedUpItsAttempts_saysSo_andIsNamed() {
    add(Activations.pending("a").deadLettered());
    for (int i = 0; i < 3; i++) {
      store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture().join();
      time.advance(Duration.ofSeconds(14));
      store.sweeps().sweep(Sweep.DEADLINES, 10);
    }
    store.sweeps().sweep(Sweep.ATTEMPTS, 10);

    assertThat(store.sweeps().lastExhausted()).map(Activation::id).hasValue("a");
    assertThat(words(Lane.DEAD_LETTER))
        .containsEntry(
            DeadLetterHeaders.REASON,
            "its attempts are used up: 3 times a worker had it and did not report in time")
        .containsEntry(DeadLetterHeaders.ATTEMPTS, "5");
  }

  @Test
  void anAtMostOnceTaskWhoseWorkerIsSilent_saysSo() {
    add(Activations.pending("a").atMostOnce().deadLettered().offset(7));
    store.intake().acknowledged(Map.of(Activations.ORIGIN, 8L));
    store.sweeps().sweep(Sweep.COMMITTED, 10);
    store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture().join();
    time.advance(Duration.ofSeconds(14));
    store.sweeps().sweep(Sweep.DEADLINES, 10);

    assertThat(words(Lane.DEAD_LETTER).get(DeadLetterHeaders.REASON))
        .isEqualTo("it may run at most once, and the worker that had it did not report in time");
  }

  @Test
  void aRecordThatIsNoTask_saysTheSame() {
    Activation bad =
        Activation.badRecord(Activations.ORIGIN, 4, 1_000, time.now().wallMs(), 1, "no task");
    store.intake().add(List.of(new NewActivation(bad, new byte[1])), new AssignmentEpoch());

    assertThat(words(Lane.DEAD_LETTER))
        .containsEntry(DeadLetterHeaders.REASON, "no task")
        .containsEntry(DeadLetterHeaders.FIRST_TIME, "1000")
        .containsEntry(DeadLetterHeaders.LAST_TIME, now())
        .containsEntry(DeadLetterHeaders.SOURCE_TIMESTAMP, "1000");
  }

  private static Encoder plain() {
    return new Encoder(null);
  }

  private void add(Activations task) {
    store.intake().add(List.of(task.arriving()), new AssignmentEpoch());
  }

  private void failed(String id, byte[] payload) {
    add(Activations.pending(id).deadLettered().offset(7).payload(payload));
    store
        .dispatch()
        .conclude(new Report(id, Conclusion.FAILURE, RetryOverride.NONE), null)
        .toCompletableFuture()
        .join();
  }

  private static String receivedAt(String id) {
    return Long.toString(Activations.pending(id).build().receivedAtMs());
  }

  private String now() {
    return Long.toString(time.now().wallMs());
  }

  private Map<String, String> words(Lane lane) {
    relay(lane, plain(), EventSink.none()).turn();
    Map<String, String> words = new TreeMap<>();
    for (SourceRecord.Header header : topics.records(TO).getFirst().headers()) {
      words.put(header.name(), new String(header.value(), UTF_8));
    }
    return words;
  }
}
