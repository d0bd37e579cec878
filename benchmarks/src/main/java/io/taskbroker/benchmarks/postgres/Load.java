package io.taskbroker.benchmarks.postgres;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * 64 callers of one store, and a producer that keeps its backlog as long as it was. Used by one
 * thread.
 */
final class Load implements AutoCloseable {
  static final int CALLERS = 64;

  /** Tasks of one batch: what the intake of a broker gathers by default. */
  static final int BATCH = 256;

  private final Contender contender;
  private final Tally tally;
  private @Nullable CompletionStage<?> callers;
  private @Nullable CompletableFuture<Void> producer;
  private volatile boolean producing;

  private Load(Contender contender, Tally tally) {
    this.contender = contender;
    this.tally = tally;
  }

  /**
   * @param contender empty; is closed with the load
   * @param backlog tasks that wait, from now on
   */
  static Load on(Contender contender, int backlog) {
    var load = new Load(contender, new Tally(backlog));
    while (load.tally.hasRoom(BATCH)) {
      contender.add(BATCH);
    }
    return load;
  }

  Tally tally() {
    return tally;
  }

  /**
   * Lets tasks come in as they are handed out, as a broker does that keeps up with Kafka: a batch
   * holds what has come since the one before.
   */
  void produceAtOnce() {
    produce(1);
  }

  private void produce(int least) {
    producing = true;
    producer =
        CompletableFuture.runAsync(
            () -> produceOn(least), work -> Thread.ofPlatform().name("producer").start(work));
  }

  private void produceOn(int least) {
    while (producing) {
      int tasks = tally.awaitRoom(least, BATCH);
      if (tasks > 0) {
        contender.add(tasks);
      }
    }
  }

  /** Lets everybody begin; tasks come in full batches. */
  void begin() {
    tally.goOn();
    produce(BATCH);
    callers = contender.work(CALLERS, tally);
  }

  /**
   * Returns when nobody works any more; callers end first, as they may wait for a task.
   *
   * @throws java.util.concurrent.CompletionException if somebody failed
   */
  void end() {
    tally.stop();
    CompletionStage<?> calling = callers;
    CompletableFuture<Void> adding = producer;
    callers = null;
    producer = null;
    try {
      if (calling != null) {
        calling.toCompletableFuture().join();
      }
    } finally {
      producing = false;
      if (adding != null) {
        adding.join();
      }
    }
  }

  /** Lets a time pass that is a part of a measurement. */
  static void pass(Duration span) {
    long end = System.nanoTime() + span.toNanos();
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void close() {
    contender.close();
  }
}
