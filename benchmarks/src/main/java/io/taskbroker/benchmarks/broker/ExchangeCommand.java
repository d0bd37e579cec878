package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.AttachedSettings;
import io.taskbroker.workload.load.AttachedWorkers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Workers that are attached by streams. */
@Command(
    name = "exchange",
    description = {
      "Workers that are attached by streams (docs/protocol.md): how fast tasks of 1 KB come and"
          + " their outcomes go where no store stands behind the server, and how fast a stored"
          + " backlog is drained.",
      "Before that a backlog of 50,000 right after the start is drained, whose figures are called"
          + " exchange.cold.*, and one that warms the broker up, called exchange.warming.*: it counts"
          + " as warm after 300,000 tasks, since what runs once for 64 of them is compiled late."
    },
    mixinStandardHelpOptions = true)
public final class ExchangeCommand implements Callable<Integer> {
  private static final int COLD = 50_000;
  private static final int STREAMS = 4;
  private static final String APPLICATION = "shop";
  private static final Duration ECHO_WARMUP = Duration.ofSeconds(5);
  private static final Duration ECHO = Duration.ofSeconds(10);

  @Option(
      names = "--stored",
      paramLabel = "N",
      defaultValue = "200000",
      description = "Tasks of the measured backlog; ${DEFAULT-VALUE} by default.")
  private int stored;

  @Option(
      names = "--warming",
      paramLabel = "N",
      defaultValue = "250000",
      description =
          "Tasks of the backlog that warms the broker up; ${DEFAULT-VALUE} by default, 0 for none.")
  private int warming;

  @Option(
      names = "--credit",
      paramLabel = "N",
      defaultValue = "64",
      description = "Tasks that each of 4 streams may have; ${DEFAULT-VALUE} by default.")
  private int credit;

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() throws InterruptedException {
    var figures = new Figures(System.out);
    echo(figures);
    try (var broker = BrokerUnderTest.start(options, figures)) {
      drain(broker, COLD, figures, "exchange.cold");
      if (warming > 0) {
        drain(broker, warming, figures, "exchange.warming");
      }
      drain(broker, stored, figures, "exchange");
    }
    figures.print();
    return 0;
  }

  private void echo(Figures figures) throws InterruptedException {
    try (var echo = EchoServer.start();
        var _ =
            AttachedWorkers.start(
                AttachedSettings.at(echo.address(), STREAMS, credit), List.of(), new Ledger())) {
      TimeUnit.MILLISECONDS.sleep(ECHO_WARMUP.toMillis());
      long before = echo.outcomes();
      long began = System.nanoTime();
      TimeUnit.MILLISECONDS.sleep(ECHO.toMillis());
      double seconds = (System.nanoTime() - began) / 1e9;
      figures.add("exchange.echo.rate", (echo.outcomes() - before) / seconds, "tasks/s");
    }
  }

  private void drain(BrokerUnderTest broker, int tasks, Figures figures, String name) {
    Ledger ledger = broker.fill(APPLICATION, tasks);
    broker.drainAttached(broker.attached(STREAMS, credit), ledger).addTo(figures, name);
  }
}
