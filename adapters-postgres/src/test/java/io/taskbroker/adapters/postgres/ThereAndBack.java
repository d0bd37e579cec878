package io.taskbroker.adapters.postgres;

import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The whole way from getsentry/taskbroker and back: our tables are made, a broker takes over what
 * is in its table, the name goes to the view, and everything is given back.
 */
final class ThereAndBack {
  static final List<Partition> PARTITIONS =
      List.of(new Partition("tasks", 0), new Partition("tasks", 1));

  private static final int MOST_ROWS = 10_000;

  /** Of rows that stay in the database. */
  static final ActivationEncoder ENCODER =
      new ActivationEncoder() {
        @Override
        public byte[] withOverride(byte[] payload, RetryOverride override) {
          return payload;
        }

        @Override
        public Retry nextAttempt(
            Activation activation, byte[] payload, RetryOverride override, long nowMs) {
          throw new IllegalStateException("nothing leaves");
        }
      };

  private ThereAndBack() {}

  /** Goes that way, and returns what the broker has found: the status of each task by its id. */
  static Map<String, Status> go(PostgresSettings settings) {
    migrate(settings);
    Map<String, Status> found = new TreeMap<>();
    try (PostgresJournal journal = PostgresJournal.open(settings, "mover", Databases.TIME)) {
      SharedGroups.takeOver(journal, PARTITIONS.toArray(Partition[]::new));
      for (Partition partition : PARTITIONS) {
        for (StoredActivation row : journal.custody().page(partition, 0, MOST_ROWS)) {
          found.put(row.activation().id(), row.state().status());
        }
      }
    }
    migrate(settings); // by now the table is empty
    var _ = new ReferenceReturn(settings, ENCODER).run();
    return found;
  }

  private static void migrate(PostgresSettings settings) {
    new Migrations(settings, Databases.TIME, _ -> {}).run();
  }

  /**
   * A process that goes this way.
   *
   * @param portAndDatabase of the server
   */
  public static void main(String[] portAndDatabase) {
    var _ =
        go(
            Databases.settings(
                Integer.parseInt(portAndDatabase[0]),
                portAndDatabase[1],
                ConnectionParameters.parse("sslmode=disable")));
  }
}
