package io.taskbroker.benchmarks.soak;

import io.taskbroker.benchmarks.broker.BrokerUnderTest;
import io.taskbroker.workload.ledger.Latency;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.JvmMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/** Reads all measures of a broker, of the time since the last reading where they are of a time. */
final class Gauges {
  private static final double MEGA = 1e6;

  private final BrokerUnderTest broker;
  private final Ledger ledger;
  private final CollectorLog collector;
  private final long startNanos = System.nanoTime();
  private long lastNanos = startNanos;
  private Duration lastCpu;
  private long lastDone;

  Gauges(BrokerUnderTest broker, Ledger ledger, CollectorLog collector) {
    this.broker = broker;
    this.ledger = ledger;
    this.collector = collector;
    this.lastCpu = broker.cpuTime();
  }

  Sample read() {
    Map<Measure, Double> values = new EnumMap<>(Measure.class);
    values.put(Measure.BACKLOG, (double) ledger.unfinished());
    long now = System.nanoTime();
    putWork(values, now);
    Latency latency = ledger.recentLatency();
    values.put(Measure.P50, latency.p50());
    values.put(Measure.P99, latency.p99());
    values.put(Measure.LAG, (double) broker.lag());
    putProcess(values);
    return new Sample(Duration.ofNanos(now - startNanos), values);
  }

  private void putWork(Map<Measure, Double> values, long now) {
    Duration cpu = broker.cpuTime();
    long done = ledger.acknowledged();
    double tasks = (double) done - lastDone;
    values.put(Measure.RATE, tasks * 1e9 / (now - lastNanos));
    values.put(Measure.CPU, tasks == 0 ? Double.NaN : cpu.minus(lastCpu).toNanos() / 1e3 / tasks);
    lastNanos = now;
    lastCpu = cpu;
    lastDone = done;
  }

  private void putProcess(Map<Measure, Double> values) {
    ChildProcess process = broker.process();
    Path folder = Path.of("/proc", Long.toString(process.pid()));
    values.put(Measure.HEAP, collector.leastBytes() / MEGA);
    values.put(Measure.RESIDENT, JvmMemory.residentBytes(process) / MEGA);
    values.put(Measure.STORE, size(broker.store()) / MEGA);
    values.put(Measure.WRITE_AHEAD_LOG, size(broker.writeAheadLog()) / MEGA);
    values.put(Measure.LOG, size(process.outputFile()) / 1e3);
    values.put(Measure.OPEN_FILES, entries(folder.resolve("fd")));
    values.put(Measure.THREADS, entries(folder.resolve("task")));
  }

  /** Zero if it is not there. The file is never opened, which would take its owner's locks away. */
  private static double size(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException _) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot ask for the size of " + file, e);
    }
  }

  /** NaN where the system does not tell. */
  private static double entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return (double) entries.count();
    } catch (NoSuchFileException _) {
      return Double.NaN;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }
}
