package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import io.taskbroker.workload.ledger.Latency;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How fast the broker pushes. */
@Command(
    name = "push",
    description = {
      "How fast a broker that calls its workers gets a stored backlog of 50,000 tasks of 1 KB done,"
          + " with 32 pushes under way at once and everything batched. Takes two minutes.",
      "push.cold.* is right after the start, and its rate must be at least 12,000 tasks/s (held),"
          + " or else the exit code is 1 (FELL). push.warm.* is a backlog of 100,000 of a broker"
          + " that is warm, after 300,000 tasks. Time counts from the first task that a worker"
          + " accepts.",
      "push.latency.* is how long a task takes from the producer's send to the worker's hands, at a"
          + " steady rate, and push.steady.cpu what it costs then."
    },
    mixinStandardHelpOptions = true)
public final class PushCommand implements Callable<Integer> {
  private static final int LEAST_RATE = 12_000;
  private static final int COLD = 50_000;
  private static final int WARMING = 250_000;
  private static final int WARM = 100_000;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration LAST_ONES = Duration.ofSeconds(30);

  @Option(
      names = "--slots",
      paramLabel = "N",
      defaultValue = "32",
      description = "Pushes under way at once, push.threads; ${DEFAULT-VALUE} by default.")
  private int slots;

  @Option(
      names = "--places",
      paramLabel = "N",
      defaultValue = "256",
      description =
          "Tasks that the workers have at once, from acceptance until their report is"
              + " acknowledged; ${DEFAULT-VALUE} by default.")
  private int places;

  @Mixin private FlowOptions pace = new FlowOptions();

  @Mixin private ReplacedBroker replaced = new ReplacedBroker();

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() throws InterruptedException {
    var figures = new Figures(System.out);
    var verdicts = new Verdicts(figures);
    try (var pushed = PushedBroker.start(replaced, options, figures, slots, places)) {
      Pushed cold = pushed.drain(COLD);
      verdicts.atLeast("push.cold.rate", cold.rate(), LEAST_RATE, "tasks/s");
      cold.addCostTo(figures, "push.cold");
      pushed.drain(WARMING);
      Pushed warm = pushed.drain(WARM);
      figures.add("push.warm.rate", warm.rate(), "tasks/s");
      warm.addCostTo(figures, "push.warm");
      steady(pushed, figures);
    }
    figures.print();
    return verdicts.fallen() == 0 ? 0 : 1;
  }

  /** The first seconds, in which the broker finds its workers, do not count. */
  private void steady(PushedBroker pushed, Figures figures) {
    BrokerUnderTest broker = pushed.broker();
    var ledger = new Ledger();
    try (var _ = pushed.startWorkers(new FirstPush(ledger));
        var producer = broker.producer(PushedBroker.APPLICATION, ledger)) {
      SteadyFlow.produce(
          WARM_UP.toSeconds() * pace.rate, pace.rate, _ -> producer.produce(BrokerUnderTest.TASK));
      producer.flush();
      Waiting.until("all tasks are done", LAST_ONES, () -> ledger.unfinished() == 0);
      var _ = ledger.recentLatency();
      Duration cpuBefore = broker.cpuTime();
      long tasks = pace.length().toSeconds() * pace.rate;
      SteadyFlow.produce(tasks, pace.rate, _ -> producer.produce(BrokerUnderTest.TASK));
      producer.flush();
      Waiting.until("all tasks are done", LAST_ONES, () -> ledger.unfinished() == 0);
      double cpu = broker.cpuTime().minus(cpuBefore).toNanos() / 1e3 / tasks;
      report(figures, ledger.recentLatency(), cpu);
    }
  }

  private static void report(Figures figures, Latency latency, double cpuMicros) {
    figures.add("push.latency.p50", latency.p50(), "ms");
    figures.add("push.latency.p90", latency.p90(), "ms");
    figures.add("push.latency.p99", latency.p99(), "ms");
    figures.add("push.latency.max", latency.max(), "ms");
    figures.add("push.steady.cpu", cpuMicros, "us_of_broker_cpu/task");
  }
}
