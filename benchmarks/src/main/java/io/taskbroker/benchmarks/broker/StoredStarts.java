package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.ledger.Watcher;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/** Starts of a broker whose store holds tasks already. */
final class StoredStarts {
  private static final TaskKind QUICK = TaskKind.quick("start.stored");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int DIGITS = 3;

  private final Function<BrokerSetup, BrokerProcess> launch;
  private final String name;
  private final int rows;

  /** All from the command on, in microseconds. */
  private final Histogram read = new Histogram(DIGITS);

  private final Histogram serving = new Histogram(DIGITS);
  private final Histogram handedOut = new Histogram(DIGITS);

  /**
   * @param name of its figures
   * @param rows that the store holds; if none, the first task comes from Kafka
   */
  StoredStarts(Function<BrokerSetup, BrokerProcess> launch, String name, int rows) {
    this.launch = launch;
    this.name = name;
    this.rows = rows;
  }

  /**
   * @param folder of the broker
   * @param kafka its address
   */
  void measure(Path folder, String kafka, int rounds, Figures figures) {
    try (Rig rig = Rig.of(folder, kafka, name, Map.of())) {
      if (rows > 0) {
        Hoard.fill(rig.settings().store(), name, rows);
      }
      for (int round = 0; round < rounds; round++) {
        start(rig);
      }
    }
    report(figures, name + ".read", read);
    report(figures, name + ".serving", serving);
    report(figures, name + ".first_task", handedOut);
  }

  private static void report(Figures figures, String of, Histogram micros) {
    figures.add(of + ".min", micros.getMinValue() / 1e3, "ms");
    figures.add(of + ".p50", micros.getValueAtPercentile(50) / 1e3, "ms");
    figures.add(of + ".max", micros.getMaxValue() / 1e3, "ms");
  }

  private void start(Rig rig) {
    if (rows == 0) {
      rig.producer().produce(QUICK);
      rig.producer().flush();
    }
    var first = new CompletableFuture<Long>();
    rig.ledger().watch(new FirstHandOut(first));
    long begin = System.nanoTime();
    try (BrokerProcess broker = launch.apply(rig.settings())) {
      Waiting.until("the store is read", PATIENCE, () -> broker.ownLines("The store holds") > 0);
      read.recordValue(microsSince(begin, System.nanoTime()));
      broker.awaitServing(PATIENCE);
      serving.recordValue(microsSince(begin, System.nanoTime()));
      try (var _ = rig.startWorkers(rig.workers(1, 1), QUICK)) {
        long at = first.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        handedOut.recordValue(microsSince(begin, at));
      }
      var _ = broker.stop(ProcessSignal.TERM);
    }
  }

  private static long microsSince(long begin, long nanos) {
    return TimeUnit.NANOSECONDS.toMicros(nanos - begin);
  }

  private record FirstHandOut(CompletableFuture<Long> nanos) implements Watcher {
    @Override
    public void handedOut(String id) {
      nanos.complete(System.nanoTime());
    }

    @Override
    public void worked(String id) {}
  }
}
