package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** Whether a broker could start with a database, found out without changing anything. */
public final class DatabaseCheck {
  private DatabaseCheck() {}

  /** Why it could not, or nothing if it could. */
  public static Optional<String> run(PostgresSettings settings) {
    Connections connections = new Connections(settings, "check");
    try (Connection connection = connections.open()) {
      SchemaCheck.run(connection, settings.place());
      return Optional.empty();
    } catch (UnusableDatabaseException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (SQLException e) {
      return Optional.of(
          "%s cannot be used: %s".formatted(settings.place(), PostgresErrors.words(e)));
    }
  }
}
