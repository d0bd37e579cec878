package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.process.BrokerSetup;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;

/** How a broker is started that is measured from its start on, in place of another one. */
final class ReplacedBroker {
  @Option(
      names = "--rest",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description =
          "How long the broker has nothing to do after its start, so that it can rehearse;"
              + " ${DEFAULT-VALUE} by default.")
  private int rest;

  /** As {@link BrokerUnderTest#replace}, and lets it rest. */
  BrokerUnderTest start(
      BrokerOptions options,
      Figures figures,
      UnaryOperator<BrokerSetup> prepare,
      Consumer<BrokerUnderTest> work)
      throws InterruptedException {
    BrokerUnderTest broker = BrokerUnderTest.replace(options, figures, prepare, work);
    figures.remark("rest after the start: " + rest + " s");
    TimeUnit.SECONDS.sleep(rest);
    return broker;
  }
}
