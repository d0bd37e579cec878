package io.taskbroker.adapters.postgres;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.postgres.TableSight.Holder;
import io.taskbroker.embeddedpostgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What people are told of a server that will not do well for long. */
class ServerWarningsTest {
  private static final PostgresServer SERVER = PostgresServer.shared();

  private final PostgresSettings settings = Databases.migrated();
  private final ServerWarnings warnings = new ServerWarnings(settings.place(), Databases.TIME);

  private static TableSight held(Duration age) {
    return new TableSight(7, 1, new Holder("Session 5 of user ann", "SELECT end(5)", age));
  }

  @Test
  void aTransactionThatStaysOpen_isNamed_withWhatEndsIt() {
    assertThat(warnings.ofTables(held(ServerWarnings.OLD.minusMillis(1)))).isEmpty();
    assertThat(warnings.ofTables(held(ServerWarnings.OLD)))
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .contains("Session 5 of user ann", "10 min", "7 by now", "SELECT end(5)"));
  }

  @Test
  void deadRowsThatNobodyKeeps_areAutovacuumsTask() {
    long many = ServerWarnings.MANY_DEAD;

    assertThat(warnings.ofTables(new TableSight(many, many / 2 - 1, null)))
        .hasValueSatisfying(line -> assertThat(line).contains("autovacuum", "pg_read_all_stats"));
    assertThat(warnings.ofTables(new TableSight(many, many / 2, null))).isEmpty();
    assertThat(warnings.ofTables(new TableSight(many - 1, 0, null))).isEmpty();
  }

  @Test
  void aClockThatIsOff_isSaidInItsDirection() {
    assertThat(warnings.ofClock(Duration.ofMillis(4_999))).isEmpty();
    assertThat(warnings.ofClock(Duration.ofSeconds(7)))
        .hasValueSatisfying(line -> assertThat(line).contains("7 s ahead of this broker's"));
    assertThat(warnings.ofClock(Duration.ofSeconds(-7)))
        .hasValueSatisfying(line -> assertThat(line).contains("7 s behind this broker's"));
  }

  @Test
  void whoHoldsASnapshot_isFoundInTheServersStatistics() throws SQLException {
    try (Connection dump = SERVER.connect(settings.place().database());
        Connection ours = SERVER.connect(settings.place().database());
        Statement held = dump.createStatement()) {
      assertThat(TableSight.read(ours).oldest()).isNull();
      dump.setAutoCommit(false);
      dump.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      held.execute("SET application_name = 'nightly dump'");
      held.execute("SELECT 1");

      Holder oldest = requireNonNull(TableSight.read(ours).oldest());

      assertThat(oldest.what()).contains("of user postgres", "nightly dump", "idle in transaction");
      assertThat(oldest.remedy()).startsWith("SELECT pg_terminate_backend(");
      dump.rollback();
      assertThat(TableSight.read(ours).oldest()).isNull();
    }
  }

  @Test
  void aUserWhoMaySeeNoSessionsOfOthers_seesTheRowsAllTheSame() throws SQLException {
    String database = settings.place().database();
    SERVER.run(database, "DROP ROLE IF EXISTS nobody_much", "CREATE ROLE nobody_much");
    try (Connection dump = SERVER.connect(database);
        Connection ours = SERVER.connect(database);
        Statement held = dump.createStatement();
        Statement role = ours.createStatement()) {
      dump.setAutoCommit(false);
      dump.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      held.execute("SELECT 1");
      role.execute("SET ROLE nobody_much");

      TableSight sight = TableSight.read(ours);

      assertThat(sight.oldest()).isNull();
      assertThat(sight.deadRows()).isNotNegative();
    }
  }
}
