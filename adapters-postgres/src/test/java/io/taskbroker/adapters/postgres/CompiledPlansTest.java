package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.acknowledge;
import static io.taskbroker.adapters.postgres.SharedGroups.apply;
import static io.taskbroker.adapters.postgres.SharedGroups.take;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedpostgres.PostgresServer;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Most servers compile a plan that seems dear, which takes them much longer than to read tables of
 * a few rows. Switches that keep the planner from reading a table make that seem so.
 */
class CompiledPlansTest {
  private static final PostgresServer SERVER = PostgresServer.shared();

  /** In place of the orders, what holds while they are read. */
  private static final String VIEW =
      """
      CREATE VIEW taskbroker_standing_order AS
      SELECT setting AS name, current_setting(setting) AS text
        FROM unnest(ARRAY['enable_seqscan', 'jit']) AS asked (setting)\
      """;

  private final PostgresSettings settings = Databases.migrated();

  /** Its first request finds nothing, and is rolled back: what counts is not. */
  @Test
  void noPlanIsCompiledOfAGroupWhoseBrokersRowHasMoved() {
    String database = settings.place().database();
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      take(journal, FIRST);
      SERVER.run(
          database,
          "CREATE SEQUENCE compiled",
          "CREATE SEQUENCE not_compiled",
          """
          CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM nextval(CASE current_setting(''jit'') WHEN ''off'' THEN ''not_compiled''
                                 ELSE ''compiled'' END); RETURN NEW; END'\
          """,
          """
          CREATE TRIGGER sees BEFORE UPDATE ON taskbroker_custody
            FOR EACH ROW EXECUTE FUNCTION see()\
          """,
          "UPDATE taskbroker_broker SET name = 'elsewhere'");

      apply(journal, acknowledge(1, Map.of(FIRST, 5L)));

      assertThat(SERVER.ask(database, "SELECT is_called FROM compiled")).containsExactly("f");
      assertThat(SERVER.ask(database, "SELECT last_value FROM not_compiled")).containsExactly("2");
    }
  }

  @Test
  void noPlanOfABeatIsCompiled() {
    SERVER.run(
        settings.place().database(),
        "ALTER TABLE taskbroker_standing_order RENAME TO orders",
        VIEW,
        "GRANT SELECT ON taskbroker_standing_order TO PUBLIC");

    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      assertThat(journal.custody().beat(Set.of()).orders())
          .containsEntry("enable_seqscan", "off")
          .containsEntry("jit", "off");
    }
  }
}
