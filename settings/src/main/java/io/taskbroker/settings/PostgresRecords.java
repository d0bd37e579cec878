package io.taskbroker.settings;

import io.taskbroker.adapters.postgres.ConnectionParameters;
import io.taskbroker.adapters.postgres.Login;
import io.taskbroker.adapters.postgres.PostgresPlace;
import io.taskbroker.adapters.postgres.PostgresSettings;
import io.taskbroker.adapters.postgres.Repetition;
import io.taskbroker.settings.reading.Findings;
import io.taskbroker.settings.reading.Values;
import java.util.Optional;

/** The store in Postgres, if tasks are kept there. */
final class PostgresRecords {
  private final Values values;

  PostgresRecords(Values values) {
    this.values = values;
  }

  /**
   * @throws IllegalArgumentException if a record refuses its values
   */
  Optional<PostgresSettings> build() {
    if (values.get(StoreKeys.ADAPTER) != StoreKeys.Adapter.POSTGRES) {
      return Optional.empty();
    }
    return Optional.of(
        new PostgresSettings(
            place(),
            new Login(values.get(PostgresKeys.USERNAME), values.get(PostgresKeys.PASSWORD)),
            new Login(values.get(PostgresKeys.DDL_USERNAME), values.get(PostgresKeys.DDL_PASSWORD)),
            parameters(),
            values.get(PostgresKeys.RUN_MIGRATIONS),
            new Repetition(
                values.get(PostgresKeys.RETRY_MAX_RETRIES), values.get(PostgresKeys.RETRY_DELAY)),
            values.get(PostgresKeys.CONTENTION_DRAIN_AGE)));
  }

  private PostgresPlace place() {
    try {
      return new PostgresPlace(
          values.get(PostgresKeys.HOST),
          values.get(PostgresKeys.PORT),
          values.get(PostgresKeys.DATABASE),
          values.get(PostgresKeys.DEFAULT_DATABASE));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("store.pg: " + e.getMessage(), e);
    }
  }

  private ConnectionParameters parameters() {
    return ConnectionParameters.parse(values.find(PostgresKeys.QUERY_PARAMS).orElse(null));
  }

  /** Warns of what nobody here understands. */
  void advise(Findings findings) {
    for (String name : parameters().unknownNames()) {
      findings.warning(
          "store.pg.query_params (%s): '%s' is not known here, and changes nothing"
              .formatted(values.origin(PostgresKeys.QUERY_PARAMS).describe(), name));
    }
  }
}
