package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.JvmMemory;
import io.taskbroker.workload.process.ProcessSignal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Starts of the broker in one way, and how each went. */
final class Starts {
  private static final int TASKS = 1_000;
  private static final TaskKind QUICK = TaskKind.quick("start.quick");
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final String name;
  private final Function<BrokerSetup, BrokerProcess> launch;
  private final List<Start> starts = new ArrayList<>();

  /**
   * @param servingMs from the command to the first answer SERVING, asked for every 20 ms
   * @param cpuMs of all threads until then
   * @param residentBytes then
   * @param workMs from then until the first tasks are done, the group's assignment included
   * @param stopMs from SIGTERM to the end of the process
   */
  private record Start(
      double servingMs, double cpuMs, double residentBytes, double workMs, double stopMs) {}

  Starts(String name, Function<BrokerSetup, BrokerProcess> launch) {
    this.name = name;
    this.launch = launch;
  }

  /** Starts it once on what is left of the store, lets it work, and stops it. */
  String measure(Rig rig) {
    rig.producer().produce(QUICK, TASKS);
    rig.producer().flush();
    long begin = System.nanoTime();
    try (BrokerProcess broker = launch.apply(rig.settings()).awaitServing(PATIENCE)) {
      double serving = since(begin);
      double cpu = broker.process().cpuTime().toNanos() / 1e6;
      double resident = JvmMemory.residentBytes(broker.process());
      long served = System.nanoTime();
      double work;
      try (var _ = rig.startWorkers(rig.workers(16, 4), QUICK)) {
        rig.awaitEnds(PATIENCE);
        work = since(served);
      }
      double stop = broker.stop(ProcessSignal.TERM).took().toNanos() / 1e6;
      starts.add(new Start(serving, cpu, resident, work, stop));
      return "%s serving after %.0f ms".formatted(name, serving);
    }
  }

  /**
   * @param baseline of the same run
   */
  void addTo(Figures figures, Starts baseline) {
    String prefix = "start." + name;
    figures.add(prefix + ".serving.min", at(0, Start::servingMs), "ms");
    figures.add(prefix + ".serving.p50", at(0.5, Start::servingMs), "ms");
    figures.add(prefix + ".serving.p90", at(0.9, Start::servingMs), "ms");
    figures.add(prefix + ".serving.max", at(1, Start::servingMs), "ms");
    figures.add(prefix + ".serving.cpu.p50", at(0.5, Start::cpuMs), "ms");
    figures.add(prefix + ".serving.rss.p50", at(0.5, Start::residentBytes) / 1e6, "MB");
    figures.add(prefix + ".first-1000.p50", at(0.5, Start::workMs), "ms");
    figures.add(prefix + ".stop.p50", at(0.5, Start::stopMs), "ms");
    if (this != baseline) {
      double ratio = at(0.5, Start::servingMs) / baseline.at(0.5, Start::servingMs);
      figures.add(prefix + ".serving.vs_" + baseline.name, ratio, "x");
    }
  }

  private double at(double rank, ToDoubleFunction<Start> figure) {
    double[] sorted = starts.stream().mapToDouble(figure).sorted().toArray();
    return sorted[(int) Math.round(rank * (sorted.length - 1))];
  }

  private static double since(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }
}
