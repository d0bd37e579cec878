package io.taskbroker.benchmarks.store;

import io.taskbroker.benchmarks.TemporaryFolder;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A store with a backlog, in a folder of its own, and those who call it. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls fill() before anything else
public class Stored {
  /** Rows of one batch: what the intake of a broker gathers by default. */
  static final int BATCH = 256;

  @Param({"256", "1024"})
  public int payload;

  @Param({"1000", "100000"})
  public int backlog;

  @Param({"1", "64"})
  public int callers;

  /** Last, so that the two are measured one after the other. */
  @Param({"BASELINE", "OURS"})
  public Which which = Which.OURS;

  private TemporaryFolder folder;
  private SampleActivations samples;
  private StoreUnderTest store;

  /** Whose store it is. */
  public enum Which {
    BASELINE,
    OURS
  }

  @Setup(Level.Trial)
  public void fill() {
    folder = TemporaryFolder.create();
    samples = new SampleActivations(payload);
    store = open(which, folder);
    add(backlog);
  }

  static StoreUnderTest open(Which which, TemporaryFolder folder) {
    return switch (which) {
      case BASELINE -> Baseline.open(folder.resolve("baseline.sqlite"));
      case OURS -> OwnedStoreUnderTest.open(folder.resolve("ours.sqlite"));
    };
  }

  @TearDown(Level.Trial)
  public void close() {
    store.close();
    folder.close();
  }

  StoreUnderTest store() {
    return store;
  }

  SampleActivations samples() {
    return samples;
  }

  /** Adds so many rows, in batches. */
  void add(int rows) {
    for (int left = rows; left > 0; left -= BATCH) {
      store.add(samples.next(Math.min(left, BATCH)));
    }
  }

  /** Has the callers make so many calls, and returns when all are answered. */
  void call(int calls, Supplier<CompletionStage<?>> call) {
    ChainedCallers.make(callers, calls, call);
  }
}
