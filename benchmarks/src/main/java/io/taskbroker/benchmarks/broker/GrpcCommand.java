package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.load.WorkerSettings;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The broker beside a service that does nothing. */
@Command(
    name = "grpc",
    description = {
      "How many tasks a second 64 workers over 4 connections get through, each reporting in the"
          + " call that brings the next one: from the broker, from its server before no store, and"
          + " from a bare gRPC service that answers with a task of the same size and does nothing"
          + " else, by turns.",
      "All are warm: the broker after 300,000 tasks. Ratios are to the bare service."
    },
    mixinStandardHelpOptions = true)
public final class GrpcCommand implements Callable<Integer> {
  private static final int WARMUP = 300_000;
  private static final Duration STORELESS_WARMUP = Duration.ofSeconds(8);
  private static final Duration STORELESS = Duration.ofSeconds(4);
  private static final int WORKERS = 64;
  private static final int CONNECTIONS = 4;
  private static final String APPLICATION = "shop";

  @Option(
      names = "--stored",
      paramLabel = "N",
      defaultValue = "150000",
      description = "Tasks of a measured backlog; ${DEFAULT-VALUE} by default.")
  private int stored;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often both are measured; ${DEFAULT-VALUE} by default.")
  private int rounds;

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    try (var broker = BrokerUnderTest.start(options, figures);
        var bare = broker.beside(BareService.class);
        var server = broker.beside(EchoServer.class)) {
      WorkerSettings pool = broker.workers(WORKERS, CONNECTIONS);
      broker.drain(pool, broker.fill(APPLICATION, WARMUP));
      var _ = bare.rate(WORKERS, CONNECTIONS, STORELESS_WARMUP);
      var _ = server.rate(WORKERS, CONNECTIONS, STORELESS_WARMUP);
      for (int round = 1; round <= rounds; round++) {
        double bareRate = bare.rate(WORKERS, CONNECTIONS, STORELESS);
        double serverRate = server.rate(WORKERS, CONNECTIONS, STORELESS);
        Drained drained = broker.drain(pool, broker.fill(APPLICATION, stored));
        String name = "grpc.round-" + round;
        figures.add(name + ".bare.rate", bareRate, "tasks/s");
        figures.add(name + ".server.rate", serverRate, "tasks/s");
        figures.add(name + ".server.ratio", serverRate / bareRate, "of_1");
        figures.add(name + ".broker.rate", drained.rate(), "tasks/s");
        figures.add(name + ".broker.ratio", drained.rate() / bareRate, "of_1");
        figures.add(name + ".broker.cpu", drained.cpuMicros(), "us_of_broker_cpu/task");
      }
    }
    figures.print();
    return 0;
  }
}
