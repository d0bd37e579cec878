package io.taskbroker.benchmarks.broker;

import com.google.protobuf.ByteString;
import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Many tasks at once, some of them large. */
@Command(
    name = "spike",
    description = {
      "How long workers' calls take while tasks come at 500 a second, and while they come at 5,000 a"
          + " second for 10 s, one in 500 of them with 5 MB of payload.",
      "16 workers over 4 connections ask for a task, report it, and ask again 5 ms after an empty"
          + " answer."
    },
    mixinStandardHelpOptions = true)
public final class SpikeCommand implements Callable<Integer> {
  private static final int WARMUP_BACKLOG = 50_000;
  private static final int WORKERS = 16;
  private static final int CONNECTIONS = 4;
  private static final int LARGE_EACH = 500;
  private static final int LARGE_BYTES = 5 << 20;
  private static final Duration CALM = Duration.ofSeconds(10);
  private static final int CALM_RATE = 500;
  private static final Duration LAST_ONES = Duration.ofSeconds(60);
  private static final String APPLICATION = "shop";

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Tasks a second of the spike; ${DEFAULT-VALUE} by default.")
  private int rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long it lasts; ${DEFAULT-VALUE} by default.")
  private int seconds;

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    try (var broker = BrokerUnderTest.start(options, figures)) {
      var pool = broker.workers(WORKERS, CONNECTIONS);
      broker.drain(pool, broker.fill(APPLICATION, WARMUP_BACKLOG));
      var ledger = new Ledger();
      ByteString large = ByteString.copyFrom(new byte[LARGE_BYTES]);
      try (var workers = broker.startWorkers(pool, ledger);
          var small = broker.producer(APPLICATION, ledger);
          var largeOnes = broker.producer(APPLICATION, large, ledger)) {
        SteadyFlow.produce(
            CALM.toSeconds() * CALM_RATE, CALM_RATE, _ -> small.produce(BrokerUnderTest.TASK));
        Histogram calm = workers.callMicros();
        SteadyFlow.produce(
            seconds * (long) rate,
            rate,
            number -> (number % LARGE_EACH == 0 ? largeOnes : small).produce(BrokerUnderTest.TASK));
        Histogram spike = sinceThen(workers, calm);
        small.flush();
        largeOnes.flush();
        Waiting.until("all tasks are done", LAST_ONES, () -> ledger.unfinished() == 0);
        report(figures, calm, spike, sinceThen(workers, calm), ledger);
      }
    }
    figures.print();
    return 0;
  }

  private static Histogram sinceThen(Workers workers, Histogram before) {
    Histogram calls = workers.callMicros();
    calls.subtract(before);
    return calls;
  }

  private static void report(
      Figures figures, Histogram calm, Histogram spike, Histogram toTheEnd, Ledger ledger) {
    SteadyFlow.report(figures, "spike.calm.rpc", calm);
    SteadyFlow.report(figures, "spike.rpc", spike);
    SteadyFlow.report(figures, "spike.to_the_end.rpc", toTheEnd);
    SteadyFlow.report(figures, "spike.task", ledger.latencyMicros());
    figures.add("spike.tasks", (double) ledger.account().completed(), "tasks");
  }
}
