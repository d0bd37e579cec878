package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.TimeSource;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * Creates the database and brings its tables up to this version, beside brokers that serve: each
 * step is one transaction, which waits two seconds at most for a lock. Several may run at once; one
 * of them does the work. What the reference keeps of its own migrations is never touched.
 */
public final class Migrations {
  /** The reference holds the lock of this number, times the checksum of the database's name. */
  private static final long LOCK = 0x3d32ad9eL;

  /** Others hold the locks for a moment only, so a few attempts are many. */
  private static final int ATTEMPTS = 15;

  private final PostgresSettings settings;
  private final Consumer<String> lines;
  private final Connections connections;
  private final TimeSource time;

  /**
   * @param lines is told, for people, what is done
   */
  public Migrations(PostgresSettings settings, TimeSource time, Consumer<String> lines) {
    this.settings = settings;
    this.time = time;
    this.lines = lines;
    this.connections = new Connections(settings, "migrations");
  }

  /**
   * Runs them. Changes nothing where nothing is to be done.
   *
   * @throws UnusableDatabaseException if that is not possible; what was done before stays
   */
  public void run() {
    PatientStart start = new PatientStart(settings.place(), time);
    try (Connection connection = start.await(this::openCreating)) {
      connections.refuseSeveralPrimaries(settings.migratorLogin());
      ServerSight.read(connection).refuseUnfit(settings.place());
      lines.accept("Running migrations on database");
      connection.setAutoCommit(false);
      for (int attempt = 1; ; attempt++) {
        try {
          migrate(connection);
          return;
        } catch (SQLException e) {
          connection.rollback();
          if (!SqlStates.isPassing(e) || attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } catch (SQLException e) {
      throw new UnusableDatabaseException(
          "%s cannot be migrated: %s%s"
              .formatted(settings.place(), PostgresErrors.words(e), remedy(e)),
          e);
    }
  }

  private String remedy(SQLException e) {
    if (!SqlStates.isDenied(e)) {
      return "";
    }
    return ". store.pg.ddl_username has to own the tables, and has to be allowed to create them: as a superuser, ALTER DATABASE %s OWNER TO %s, or GRANT CREATE ON SCHEMA public TO %s"
        .formatted(Identifiers.quoted(settings.place().database()), owner(), owner());
  }

  private String owner() {
    return Identifiers.quoted(settings.migratorLogin().user());
  }

  private Connection openCreating() throws SQLException {
    try {
      return connections.openForMigration();
    } catch (SQLException e) {
      if (!SqlStates.of(e).equals(SqlStates.NO_SUCH_DATABASE)) {
        throw e;
      }
    }
    create();
    return connections.openForMigration();
  }

  private void create() throws SQLException {
    String name = settings.place().database();
    lines.accept("Creating database " + name);
    try (Connection connection = connections.openBeside();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE DATABASE %s ENCODING '%s' TEMPLATE template0"
              .formatted(Identifiers.quoted(name), ServerSight.ENCODING));
    } catch (SQLException e) {
      if (SqlStates.isDenied(e)) {
        throw new UnusableDatabaseException(
            "%s is not there, and cannot be created: %s. As a superuser, %s, or ALTER ROLE %s CREATEDB"
                .formatted(
                    settings.place(),
                    PostgresErrors.words(e),
                    "CREATE DATABASE %s OWNER %s ENCODING '%s' TEMPLATE template0"
                        .formatted(Identifiers.quoted(name), owner(), ServerSight.ENCODING),
                    owner()),
            e);
      }
      String state = SqlStates.of(e);
      if (!state.equals(SqlStates.DATABASE_EXISTS) && !state.equals(SqlStates.UNIQUE_VIOLATION)) {
        throw e;
      } // otherwise somebody else has just created it
    }
  }

  private void migrate(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      int version = begin(connection, statement);
      if (version > Schema.VERSION) {
        throw SchemaCheck.newer(settings.place(), version);
      }
      connection.commit();
      while (version < Schema.VERSION) {
        version = begin(connection, statement);
        if (version < Schema.VERSION) {
          take(statement, version);
        }
        connection.commit();
      }
      begin(connection, statement);
      createView(connection, statement);
      grant(statement);
      connection.commit();
      if (ReferenceTable.isThere(connection)) {
        sayWhatIsLeft(statement);
      }
    }
  }

  private void sayWhatIsLeft(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT count(*) FROM inflight_taskactivations")) {
      row.next();
      long left = row.getLong(1);
      lines.accept(
          left == 0
              ? "getsentry/taskbroker's table is empty, and keeps its name while somebody is"
                  + " connected who may be one of its brokers. Run the migrations once more when"
                  + " they have stopped: its name then goes to the view"
              : "Rows left in getsentry/taskbroker's table: "
                  + left
                  + ". Brokers move them. Run the migrations once more when it is empty: its name"
                  + " then goes to the view");
    }
  }

  /** Begins a transaction that no other migration runs beside; returns the steps taken so far. */
  private int begin(Connection connection, Statement statement) throws SQLException {
    statement.execute("SET LOCAL lock_timeout = '2s'");
    try (PreparedStatement lock = connection.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
      lock.setLong(1, lockNumber(settings.place().database()));
      lock.execute();
    }
    ForeignRelations.refuse(connection, settings.place());
    statement.execute(Schema.META);
    statement.execute(
        "INSERT INTO taskbroker_meta (one, version) VALUES (1, 0) ON CONFLICT DO NOTHING");
    try (ResultSet row = statement.executeQuery("SELECT version FROM taskbroker_meta")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void take(Statement statement, int version) throws SQLException {
    for (String sql : Schema.STEPS.get(version)) {
      statement.execute(sql);
    }
    statement.execute(
        "UPDATE taskbroker_meta SET version = %d, migrated_at = now()".formatted(version + 1));
  }

  /**
   * Creates the view where the name is free. A table of the reference has it until it is empty and
   * nobody is connected who does not say who he is, as brokers of the reference do not.
   */
  private static void createView(Connection connection, Statement statement) throws SQLException {
    if (ReferenceTable.isThere(connection)) {
      if (!isLeft(statement)) {
        return;
      }
      statement.execute("ALTER TABLE %1$s RENAME TO %1$s_reference".formatted(Schema.VIEW));
    }
    try (ResultSet row =
        statement.executeQuery("SELECT to_regclass('%s') IS NULL".formatted(Schema.VIEW))) {
      row.next();
      if (!row.getBoolean(1)) {
        return;
      }
    }
    statement.execute(Schema.UNFINISHED);
  }

  private static boolean isLeft(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT NOT EXISTS (SELECT 1 FROM inflight_taskactivations)
               AND NOT EXISTS (SELECT 1 FROM pg_stat_activity
                                WHERE datname = current_database()
                                  AND backend_type = 'client backend'
                                  AND pid <> pg_backend_pid()
                                  AND coalesce(application_name, '') = '')\
            """)) {
      row.next();
      if (!row.getBoolean(1)) {
        return false;
      }
    }
    statement.execute("LOCK TABLE inflight_taskactivations IN ACCESS EXCLUSIVE MODE");
    try (ResultSet row =
        statement.executeQuery("SELECT NOT EXISTS (SELECT 1 FROM inflight_taskactivations)")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private void grant(Statement statement) throws SQLException {
    String worker = settings.workerLogin().user();
    if (worker.equals(settings.migratorLogin().user())) {
      return;
    }
    String role = Identifiers.quoted(worker);
    for (String table : Schema.TABLES) {
      statement.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s".formatted(table, role));
    }
    String rights =
        ReferenceTable.isThere(statement.getConnection()) ? "SELECT, UPDATE, DELETE" : "SELECT";
    statement.execute("GRANT %s ON %s TO %s".formatted(rights, Schema.VIEW, role));
  }

  /** The number of the advisory lock that the reference takes for this database. */
  static long lockNumber(String database) {
    CRC32 checksum = new CRC32();
    checksum.update(database.getBytes(StandardCharsets.UTF_8));
    return LOCK * checksum.getValue();
  }
}
