package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.WorkerSettings;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Workers whose calls wait until there is a task. */
@Command(
    name = "longpoll",
    description =
        "Workers whose calls wait for a task: a steady rate from the broker's first second on, in"
            + " place of another broker that has worked before, then what very many of them cost"
            + " while there is nothing to do, and how soon one of them has a task that comes.",
    mixinStandardHelpOptions = true)
public final class LongPollCommand implements Callable<Integer> {
  private static final int WORKERS = 16;
  private static final int CONNECTIONS = 4;
  private static final int IDLE_CONNECTIONS = 20;

  /** Tasks a second that come to the idle ones: few, so that each finds all of them waiting. */
  private static final int RARE = 20;

  /** Shorter than the pools wait for their last calls when they close. */
  private static final Duration WAIT = Duration.ofSeconds(10);

  /** Of what is counted. */
  private static final int DIGITS = 3;

  private static final Duration SETTLING = Duration.ofSeconds(15);
  private static final Duration IDLE = Duration.ofSeconds(20);

  @Option(
      names = "--waiting",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Workers that wait, over 20 connections; ${DEFAULT-VALUE} by default.")
  private int waiting;

  @Mixin private FlowOptions pace = new FlowOptions();

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() throws InterruptedException {
    var figures = new Figures(System.out);
    try (var broker =
        BrokerUnderTest.replace(
            options, figures, UnaryOperator.identity(), Predecessor::drainAndFlow)) {
      steady(broker, figures);
      idle(broker, figures);
    }
    figures.print();
    return 0;
  }

  private void steady(BrokerUnderTest broker, Figures figures) {
    Duration before = broker.cpuTime();
    WorkerSettings pool = broker.workers(WORKERS, CONNECTIONS).waiting(WAIT);
    Ledger ledger = SteadyFlow.of(broker, pool, pace.rate, pace.length());
    Duration cpu = broker.cpuTime().minus(before);
    SteadyFlow.report(figures, "longpoll", ledger.latencyMicros());
    figures.add(
        "longpoll.cpu",
        cpu.toNanos() / 1e3 / ledger.account().completed(),
        "us_of_broker_cpu/task");
  }

  private void idle(BrokerUnderTest broker, Figures figures) throws InterruptedException {
    WorkerSettings pool = broker.workers(waiting, IDLE_CONNECTIONS).waiting(WAIT);
    try (var _ = broker.startWorkers(pool, new Ledger())) {
      TimeUnit.MILLISECONDS.sleep(SETTLING.toMillis());
      Duration before = broker.cpuTime();
      TimeUnit.MILLISECONDS.sleep(IDLE.toMillis());
      Duration cpu = broker.cpuTime().minus(before);
      figures.add("longpoll.idle.cpu", 100.0 * cpu.toNanos() / IDLE.toNanos(), "%_of_a_core");
    }
    var ledger = new Ledger();
    var plain = new Histogram(DIGITS);
    try (var _ = broker.readBeside(ledger, plain)) {
      SteadyFlow.of(broker, pool, RARE, IDLE, ledger);
    }
    SteadyFlow.report(figures, "longpoll.wake", ledger.latencyMicros());
    SteadyFlow.report(figures, "longpoll.wake.kafka", plain);
  }
}
