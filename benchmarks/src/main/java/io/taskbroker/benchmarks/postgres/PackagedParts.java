package io.taskbroker.benchmarks.postgres;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.broker.BrokerUnderTest;
import io.taskbroker.benchmarks.broker.Drained;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.process.BrokerSetup;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** The packaged broker over Postgres, with workers and a Kafka. */
final class PackagedParts {
  private static final int TASKS = 30_000;
  private static final int WORKERS = 64;
  private static final int CONNECTIONS = 4;
  private static final String APPLICATION = "shop";

  /** By then a broker that was just started has come to rest. */
  private static final Duration SETTLING = Duration.ofSeconds(5);

  private static final Duration IDLE = Duration.ofSeconds(15);

  private PackagedParts() {}

  /** How fast workers get through a backlog, over a file and over the server. */
  static void drain(Stage stage) {
    Drained file = drain(stage, "postgres.drain.sqlite", UnaryOperator.identity());
    String database = stage.server().createDatabase();
    Drained shared = drain(stage, "postgres.drain", setup -> over(stage.server(), database, setup));
    stage.figures().add("postgres.drain.vs_sqlite", shared.rate() / file.rate(), "x");
  }

  private static BrokerSetup over(PostgresServer server, String database, BrokerSetup setup) {
    return setup
        .with("store.adapter", "postgres")
        .with("store.pg.run_migrations", true)
        .with("store.pg.host", "127.0.0.1")
        .with("store.pg.port", server.port())
        .with("store.pg.database_name", database);
  }

  private static Drained drain(Stage stage, String name, UnaryOperator<BrokerSetup> setup) {
    Figures figures = stage.figures();
    try (var broker = BrokerUnderTest.start(stage.options(), figures, setup)) {
      WorkerSettings pool = broker.workers(WORKERS, CONNECTIONS);
      Drained cold = broker.drain(pool, broker.fill(APPLICATION, TASKS));
      Ledger backlog = broker.fill(APPLICATION, TASKS);
      Duration before = stage.cpu().used();
      Drained drained = broker.drain(pool, backlog);
      Duration server = stage.cpu().used().minus(before);
      figures.remark(
          "%s: %,.0f tasks/s, the first time %,.0f".formatted(name, drained.rate(), cold.rate()));
      figures.add(name + ".cold.rate", cold.rate(), "tasks/s");
      drained.addTo(figures, name);
      figures.add(name + ".server_cpu", server.toNanos() / 1e3 / TASKS, "us_of_server_cpu/task");
      return drained;
    }
  }

  /** What a broker asks of a server that has nothing else to do, while there are no tasks. */
  static void idle(Stage stage) {
    try (PostgresServer server = stage.another()) {
      var cpu = new ServerCpu(server.process());
      String database = server.createDatabase();
      Load.pass(SETTLING);
      double alone = percentOfCore(cpu);
      double beside;
      try (var _ =
          BrokerUnderTest.start(
              stage.options(), stage.figures(), setup -> over(server, database, setup))) {
        Load.pass(SETTLING);
        beside = percentOfCore(cpu);
      }
      stage.figures().add("postgres.idle.server_alone", alone, "percent_of_a_core");
      stage.verdicts().atMost("postgres.idle.broker", beside - alone, 0.5, "percent_of_a_core");
    }
  }

  private static double percentOfCore(ServerCpu cpu) {
    Duration before = cpu.used();
    Load.pass(IDLE);
    return 100.0 * cpu.used().minus(before).toNanos() / IDLE.toNanos();
  }
}
