package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.settings.reading.Setting;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FormerNamesTest {
  private static final String NAMES =
      """
      fetch_threads                  | fetch.threads                       | 2        | 2
      fetch_batch_size               | fetch.batch_length                  | 2        | 2
      fetch_wait_ms                  | fetch.backoff                       | 250      | 250ms
      push_threads                   | push.threads                        | 2        | 2
      push_queue_size                | push.queue.size                     | 2        | 2
      push_timeout_ms                | push.timeout                        | 250      | 250ms
      push_queue_timeout_ms          | push.queue.timeout                  | 250      | 250ms
      batch_push_updates             | push.update.batched                 | true     | true
      push_update_batch_size         | push.update.batch.length            | 2        | 2
      push_update_interval_ms        | push.update.batch.interval          | 250      | 250ms
      run_migrations                 | store.pg.run_migrations             | true     | true
      pg_host                        | store.pg.host                       | h        | h
      pg_port                        | store.pg.port                       | 2        | 2
      pg_username                    | store.pg.username                   | u        | u
      pg_password                    | store.pg.password                   | p        | p
      pg_ddl_username                | store.pg.ddl_username               | u        | u
      pg_ddl_password                | store.pg.ddl_password               | p        | p
      pg_database_name               | store.pg.database_name              | d        | d
      pg_default_database_name       | store.pg.default_database_name      | d        | d
      pg_extra_query_params          | store.pg.query_params               | q=1      | q=1
      db_path                        | store.sqlite.path                   | /x       | /x
      vacuum_page_count              | store.sqlite.vacuum_page_count      | 2        | 2
      enable_sqlite_status_metrics   | store.sqlite.enable_status_metrics  | false    | false
      db_query_max_retries           | store.retry.max_retries             | 2        | 2
      db_query_retry_delay_ms        | store.retry.delay                   | 250      | 250ms
      database_adapter               | store.adapter                       | postgres | postgres
      db_write_failure_backoff_ms    | store.insert_failure_backoff_ms     | 2        | 2
      db_insert_batch_max_len        | store.insert_batch_max_length       | 2        | 2
      db_insert_batch_max_size       | store.insert_batch_max_bytes        | 2        | 2
      db_insert_batch_max_time_ms    | store.insert_batch_max_time_ms      | 2        | 2
      db_max_size                    | store.max_size                      | 2        | 2
      max_pending_count              | store.max_pending_count             | 2        | 2
      max_delay_count                | store.max_delay_count               | 2        | 2
      max_processing_count           | store.max_processing_count          | 2        | 2
      max_processing_attempts        | store.max_processing_attempts       | 2        | 2
      processing_deadline_grace_sec  | store.processing_deadline_grace_sec | 2        | 2
      """;

  private record Name(String old, String now, String value, String printed) {
    static Name of(String line) {
      List<String> cells = Stream.of(line.split("\\|")).map(String::strip).toList();
      return new Name(cells.get(0), cells.get(1), cells.get(2), cells.get(3));
    }

    @Override
    public String toString() {
      return old;
    }
  }

  static Stream<Name> names() {
    return NAMES.lines().map(Name::of);
  }

  @Test
  void everyFormerNameIsInTheTable() {
    assertThat(names().map(Name::old))
        .containsExactlyInAnyOrderElementsOf(
            Settings.CATALOGUE
                .all()
                .flatMap(setting -> setting.former().stream().map(Setting.Former::path))
                .toList());
  }

  @ParameterizedTest
  @MethodSource("names")
  void itsValueMovesToTheNewName(Name name) {
    for (Reading reading :
        List.of(
            Reading.of(name.old() + ": " + name.value()),
            Reading.of(
                "",
                Settings.CATALOGUE.environment().variableFor(name.old()) + "=" + name.value()))) {
      assertThat(reading.at(name.now())).hasToString(name.printed());
      assertThat(reading.findings().problems()).isEmpty();
      assertThat(reading.findings().warnings()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void itsTypeIsChecked(Name name) {
    assertThat(Reading.of(name.old() + ": {}").findings().problems())
        .singleElement()
        .asString()
        .startsWith(name.old() + " (");
  }

  @Test
  void theNewNameWins_evenFromTheFileAgainstTheEnvironment() {
    Reading reading = Reading.of("store: {max_pending_count: 1}", "TASKBROKER_MAX_PENDING_COUNT=2");

    assertThat(reading.at("store.max_pending_count")).isEqualTo(1L);
    assertThat(reading.findings().hints()).singleElement().asString().contains("ignored");
  }

  @Test
  void ofTwoSourcesForTheOldNameTheEnvironmentWins() {
    assertThat(Reading.of("db_path: /a", "TASKBROKER_DB_PATH=/b").at("store.sqlite.path"))
        .isEqualTo("/b");
  }

  @Test
  void anEmptyOldNameMovesNothing() {
    assertThat(Reading.of("db_path:").at("store.sqlite.path"))
        .isEqualTo("./taskbroker-inflight.sqlite");
  }

  @Test
  void whatTheNewNameMustBeHoldsForTheOldOne() {
    assertThat(Reading.of("push_timeout_ms: 0").findings().problems())
        .singleElement()
        .asString()
        .startsWith("push_timeout_ms (")
        .contains("longer than 0");
  }
}
