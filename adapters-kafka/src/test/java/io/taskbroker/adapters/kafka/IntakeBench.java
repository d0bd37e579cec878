package io.taskbroker.adapters.kafka;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.intake.DirectLetters;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.IntakeEvent;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.intake.IntakeWatch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A broker's intake of one topic, with a store in memory behind it. */
final class IntakeBench implements AutoCloseable {
  static final TimeSource TIME =
      () ->
          new Moment(System.currentTimeMillis(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));

  final MemoryIntakeStore store;
  final Stalls stalls = new Stalls(TIME);
  final List<Throwable> crashes = new CopyOnWriteArrayList<>();
  final AtomicInteger handedOn = new AtomicInteger();

  /** Offsets that were counted as deleted before they were read. */
  final AtomicLong deleted = new AtomicLong();

  /** The part above the adapter. */
  final Intake above;

  private final SettableTime hostTime = new SettableTime();
  private final HostClock hostClock = new HostClock(hostTime);
  private final KafkaIntake intake;

  /** As for a heap of 256 MB. */
  static final ReadLimits LIMITS = ReadLimits.of(256 * 1024 * 1024, 1, 10_485_760);

  static IntakeBench start(KafkaTopicSettings topic) {
    return start(topic, new MemoryIntakeStore());
  }

  static IntakeBench start(KafkaTopicSettings topic, MemoryIntakeStore store) {
    IntakeBench bench = new IntakeBench(topic, store);
    bench.intake.start();
    return bench;
  }

  /** One that is not to read its topic. */
  static IntakeBench startShut(KafkaTopicSettings topic, MemoryIntakeStore store) {
    IntakeBench bench = new IntakeBench(topic, store);
    bench.above.shut();
    bench.intake.start();
    return bench;
  }

  private IntakeBench(KafkaTopicSettings topic, MemoryIntakeStore store) {
    this.store = store;
    this.above = intake(topic.name(), this::decode, store, stalls, this::count);
    this.intake =
        new KafkaIntake(
            topic,
            LIMITS,
            above,
            stalls,
            TIME,
            hostClock,
            new Heartbeat("intake", TIME, KafkaIntake.LONGEST_TURN),
            crashes::add);
  }

  /** The clock of its host alone, which Kafka's client does not see. */
  void setClockBack(Duration step) {
    hostTime.stepWall(step.negated());
    hostClock.look();
  }

  private void count(IntakeEvent event) {
    if (event instanceof IntakeEvent.Deleted(long offsets)) {
      deleted.addAndGet(offsets);
    }
  }

  static Intake intake(
      String topic, ActivationDecoder decoder, MemoryIntakeStore store, Stalls stalls) {
    return intake(topic, decoder, store, stalls, EventSink.none());
  }

  private static Intake intake(
      String topic,
      ActivationDecoder decoder,
      MemoryIntakeStore store,
      Stalls stalls,
      EventSink<IntakeEvent> metrics) {
    var limits =
        new Backpressure.Limits(
            MemoryIntakeStore.FULL,
            MemoryIntakeStore.FULL,
            MemoryIntakeStore.FULL,
            MemoryIntakeStore.FULL,
            null,
            Long.MAX_VALUE,
            Long.MAX_VALUE);
    return new Intake(
        topic,
        decoder,
        Rulebook.EMPTY,
        store,
        new IntakeSettings(256, 16_000_000, Duration.ofMillis(100), limits),
        new IntakeWatch(
            TIME,
            SystemThreads.INSTANCE,
            stalls,
            metrics,
            new DirectLetters("dlq", (_, _) -> List.of())));
  }

  private ActivationDecoder.Decoded decode(SourceRecord record, long nowMs) {
    handedOn.incrementAndGet();
    return task(record, nowMs);
  }

  /** Every record is a task, called by its position. */
  static ActivationDecoder.Decoded task(SourceRecord record, long nowMs) {
    byte[] value = record.value() == null ? new byte[0] : record.value();
    NewActivation task =
        Activations.pending(record.partition() + "@" + record.offset())
            .at(record.partition(), record.offset())
            .receivedAt(record.timestampMs())
            .payload(value)
            .arriving();
    return new ActivationDecoder.Decoded.Task(task.activation(), task.payload(), false);
  }

  void awaitRows(int count) {
    Eventually.holds(
        () ->
            "%d rows; %d are there, stall: '%s', crashes: %s"
                .formatted(count, store.size(), stall(), crashes),
        () -> store.size() >= count);
  }

  /** Returns once this is stalled for a reason with all of these words in it. */
  void awaitStall(String what, String... words) {
    Eventually.holds(
        () -> "a stall of %s; there are %s".formatted(what, stalls.current()),
        () -> {
          String reason = stalls.current().getOrDefault(what, "");
          return Stream.of(words).allMatch(reason::contains);
        });
  }

  void awaitNoStalledPartition() {
    Eventually.holds(() -> "it goes on: " + stalls.current(), () -> stalledPartitions().isEmpty());
  }

  /**
   * What is stalled of single partitions. On a busy machine the topic as a whole may be, too, for a
   * while.
   */
  Set<String> stalledPartitions() {
    return stalls.current().keySet().stream()
        .filter(what -> what.startsWith("Reading of partition"))
        .collect(Collectors.toSet());
  }

  /** Why reading is stalled; empty if it does not. */
  String stall() {
    return String.join("; ", stalls.current().values());
  }

  @Override
  public void close() {
    store.goOn();
    intake.close();
  }
}
