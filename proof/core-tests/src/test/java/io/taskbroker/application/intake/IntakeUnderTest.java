package io.taskbroker.application.intake;

import static io.taskbroker.testkit.Activations.ORIGIN;

import io.taskbroker.application.Stalls;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Partition;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.topics.InMemoryPublisher;
import io.taskbroker.testkit.topics.InMemoryTopics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An intake of its own, over a store of the test's choice, and what it counts. */
final class IntakeUnderTest implements AutoCloseable {
  private static final long LONGEST_WAIT_SEC = 60;

  private final Semaphore stored = new Semaphore(0);
  private final List<Integer> batches = new ArrayList<>();
  private final BlockingQueue<Backpressure.Reason> holds = new LinkedBlockingQueue<>();
  final AtomicInteger paused = new AtomicInteger();
  final InMemoryTopics topics;
  final InMemoryPublisher publisher;
  final Stalls stalls;
  final Intake intake;

  IntakeUnderTest(
      ActivationDecoder decoder,
      Rulebook rulebook,
      IntakeStore store,
      SettableTime time,
      int rows,
      long bytes) {
    this.stalls = new Stalls(time);
    this.topics = new InMemoryTopics(1, time);
    this.publisher = new InMemoryPublisher(topics);
    IntakeSettings settings =
        new IntakeSettings(
            rows,
            bytes,
            Duration.ofMillis(1),
            new Backpressure.Limits(
                2_048, 8_192, 2_048, 65_536, null, Long.MAX_VALUE, Long.MAX_VALUE));
    this.intake =
        new Intake(
            ORIGIN.topic(),
            decoder,
            rulebook,
            store,
            settings,
            new IntakeWatch(
                time,
                SystemThreads.INSTANCE,
                stalls,
                this::count,
                new DirectLetters("dlq", publisher)));
    intake.assigned(Map.of());
  }

  /** Under no rules. */
  IntakeUnderTest(
      ActivationDecoder decoder, IntakeStore store, SettableTime time, int rows, long bytes) {
    this(decoder, Rulebook.EMPTY, store, time, rows, bytes);
  }

  /** With the limits of the default configuration. */
  IntakeUnderTest(ActivationDecoder decoder, IntakeStore store, SettableTime time) {
    this(decoder, store, time, 256, 16_000_000);
  }

  /** The record of a task as a producer of the fixture writes it. */
  static SourceRecord record(Activations task, Partition partition, long offset) {
    var arriving = task.at(partition, offset).arriving();
    byte[] value = PlainTask.of(arriving.activation(), arriving.payload()).encode();
    return new SourceRecord(partition, offset, SettableTime.START.wallMs(), value, List.of());
  }

  /** Waits until so many more rows are stored. */
  void awaitStored(int rows) {
    try {
      if (!stored.tryAcquire(rows, LONGEST_WAIT_SEC, TimeUnit.SECONDS)) {
        throw new AssertionError("waited in vain for " + rows + " rows to be stored");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** The rows of each batch, in order. */
  List<Integer> batches() {
    synchronized (batches) {
      return List.copyOf(batches);
    }
  }

  /** Waits until a batch is held, and says by what. */
  Backpressure.Reason awaitHold() {
    try {
      Backpressure.Reason reason = holds.poll(LONGEST_WAIT_SEC, TimeUnit.SECONDS);
      if (reason == null) {
        throw new AssertionError("waited in vain for a batch to be held");
      }
      return reason;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    intake.close();
  }

  private void count(IntakeEvent event) {
    switch (event) {
      case IntakeEvent.Batched(int rows, long _) -> {
        synchronized (batches) {
          batches.add(rows);
        }
      }
      case IntakeEvent.Held(Backpressure.Reason reason) -> holds.add(reason);
      case IntakeEvent.Paused(int partitions) -> paused.set(partitions);
      case IntakeEvent.Stored(int added, Duration _, Duration _) -> stored.release(added);
      case IntakeEvent.Assigned _,
          IntakeEvent.Revoked _,
          IntakeEvent.Bad _,
          IntakeEvent.Deleted _,
          IntakeEvent.Expired _,
          IntakeEvent.Judged _,
          IntakeEvent.Demoted _,
          IntakeEvent.DemotionSkipped _,
          IntakeEvent.StoreFailed _ -> {}
    }
  }
}
