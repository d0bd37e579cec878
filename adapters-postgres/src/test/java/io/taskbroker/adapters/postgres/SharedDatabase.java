package io.taskbroker.adapters.postgres;

import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.Journal;
import io.taskbroker.testkit.store.SharedSpace;
import java.time.Duration;

/** A database that several brokers share. */
final class SharedDatabase implements SharedSpace {
  private final PostgresServer server;
  private final PostgresSettings brokers;
  private final PostgresJournal bystander;

  /**
   * @param brokers how they reach the database
   * @param others how everybody else does
   */
  SharedDatabase(PostgresServer server, PostgresSettings brokers, PostgresSettings others) {
    this.server = server;
    this.brokers = brokers;
    this.bystander = PostgresJournal.open(others, "bystander", Databases.TIME);
  }

  /** The real time, as no broker's clock is to matter to the others. */
  @Override
  public Journal open(String broker) {
    return PostgresJournal.open(brokers, broker, Databases.TIME);
  }

  @Override
  public void depose(String broker) {
    long number =
        Long.parseLong(
            server
                .ask(
                    database(),
                    "SELECT no FROM taskbroker_broker WHERE name = '%s'".formatted(broker))
                .getFirst());
    do { // it may have beaten just now
      server.run(
          database(),
          "UPDATE taskbroker_heartbeat SET beat_at = now() - interval '11 seconds' WHERE"
              + " broker = "
              + number);
    } while (!bystander.custody().depose(number));
  }

  @Override
  public void advance(Duration span) {
    server.run(
        database(),
        "UPDATE taskbroker_custody SET free_since = free_since - interval '%d seconds'"
            .formatted(span.toSeconds()));
  }

  @Override
  public void crash() {
    server.crash();
    server.startAgain();
  }

  private String database() {
    return brokers.place().database();
  }

  @Override
  public void close() {
    bystander.close();
  }
}
