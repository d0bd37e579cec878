package io.taskbroker.benchmarks.store;

import io.taskbroker.application.intake.NewActivation;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The hot path of a store, in rows a second.
 *
 * <p>An invocation takes thousands of rows, by so many callers at a time, and leaves the backlog as
 * long as it was.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class StoreBenchmarks {
  /** Rows of one invocation: half a second's work for the baseline. */
  private static final int ROWS = 2048;

  /** How many callers prepare a measurement; the measured ones may be more or fewer. */
  private static final int HELPERS = 64;

  /** Rows to be added, which are removed again outside the measurement. */
  @State(Scope.Benchmark)
  public static class Arriving {
    private final List<List<NewActivation>> batches = new ArrayList<>();

    @Setup(Level.Invocation)
    public void make(Stored stored) {
      for (int rows = 0; rows < ROWS; rows += Stored.BATCH) {
        batches.add(stored.samples().next(Stored.BATCH));
      }
    }

    @TearDown(Level.Invocation)
    public void remove(Stored stored) {
      for (List<NewActivation> batch : batches) {
        stored.store().remove(batch.stream().map(row -> row.activation().id()).toList());
      }
      batches.clear();
    }
  }

  /** Rows that workers have; outside the measurement others take their places in the backlog. */
  @State(Scope.Benchmark)
  public static class HandedOut {
    private final Queue<String> ids = new ConcurrentLinkedQueue<>();

    @Setup(Level.Invocation)
    public void claim(Stored stored) {
      stored.add(ROWS);
      ChainedCallers.make(
          HELPERS, ROWS, () -> stored.store().claim().thenAccept(held -> ids.add(held.id())));
    }
  }

  /**
   * Batches, each stored before the next one is handed in, as a consumer of Kafka does; the number
   * of callers makes no difference.
   */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void add(Stored stored, Arriving arriving) {
    arriving.batches.forEach(stored.store()::add);
  }

  /** A row is handed out, and given back so that the backlog lasts: two calls for each row. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void claim(Stored stored) {
    stored.call(ROWS, () -> stored.store().claim().thenCompose(StoreUnderTest.Held::release));
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void conclude(Stored stored, HandedOut handedOut) {
    stored.call(ROWS, () -> stored.store().complete(handedOut.ids.remove()));
  }

  /**
   * Batches are added one after the other, and meanwhile callers claim and complete as many rows as
   * have come in: the oldest, so that each row crosses the whole backlog.
   */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void lifecycle(Stored stored) {
    StoreUnderTest store = stored.store();
    var callers =
        new ChainedCallers(
            stored.callers,
            ROWS,
            () -> store.claim().thenCompose(held -> store.complete(held.id())));
    for (int rows = 0; rows < ROWS; rows += Stored.BATCH) {
      store.add(stored.samples().next(Stored.BATCH));
      callers.allow(Stored.BATCH);
    }
    callers.join();
  }
}
