package io.taskbroker.adapters.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.Serial;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Opens connections. Nothing is set in a session that a pooler between here and the server could
 * hand to somebody else.
 */
final class Connections {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Longer than any statement of a healthy server takes. */
  private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(30);

  /** How long a server is taken for the stand-by that it was; each connection asks anew after. */
  private static final Duration ROLE_HOLDS = Duration.ofSeconds(1);

  /** As many as the reference keeps. */
  private static final int PREPARED_STATEMENTS = 100;

  private static final int READERS = 2;
  private static final Duration READER_IDLES = Duration.ofMinutes(1);
  private static final Duration LONGEST_WAIT_FOR_A_READER = Duration.ofSeconds(10);

  private final PostgresSettings settings;
  private final String name;
  private final Primaries primaries = new Primaries();

  /**
   * @param name of this broker, which the server's list of sessions shows
   */
  Connections(PostgresSettings settings, String name) {
    this.settings = settings;
    this.name = name;
  }

  /** A connection for work, to no server whose place a stand-by was seen to have taken. */
  Connection open() throws SQLException {
    return primary(settings.workerLogin());
  }

  /** A connection that may change tables. */
  Connection openForMigration() throws SQLException {
    return primary(settings.migratorLogin());
  }

  private Connection primary(Login login) throws SQLException {
    List<String> hosts = settings.server().hosts();
    try {
      return primaries.accept(
          source(login, settings.server().database()).getConnection(), String.join(",", hosts));
    } catch (Primaries.OldPrimary e) {
      return primaries.openAnother(hosts, host -> at(host, login), e);
    }
  }

  private Connection at(String host, Login login) throws SQLException {
    PGSimpleDataSource source = source(login, settings.server().database());
    source.setServerNames(new String[] {host});
    source.setPortNumbers(new int[] {settings.server().port()});
    source.setTargetServerType("any");
    return source.getConnection();
  }

  /**
   * Refuses to go on if more than one of several hosts takes writes.
   *
   * @param login who asks
   * @throws UnusableDatabaseException if they do
   */
  void refuseSeveralPrimaries(Login login) {
    List<String> hosts = settings.server().hosts();
    if (hosts.size() > 1) {
      Primaries.refuseSeveral(hosts, host -> at(host, login));
    }
  }

  /** A connection from which the database can be created. */
  Connection openBeside() throws SQLException {
    return source(settings.migratorLogin(), settings.server().defaultDatabase()).getConnection();
  }

  /** Connections that read beside the writer; opened when they are needed. */
  HikariDataSource openReaders() {
    HikariConfig config = new HikariConfig();
    config.setDataSource(new Readers(this::open));
    config.setPoolName("postgres-readers");
    config.setMaximumPoolSize(READERS);
    config.setMinimumIdle(0);
    config.setIdleTimeout(READER_IDLES.toMillis());
    config.setConnectionTimeout(LONGEST_WAIT_FOR_A_READER.toMillis());
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  private PGSimpleDataSource source(Login login, String database) {
    PostgresPlace server = settings.server();
    PGSimpleDataSource source = new PGSimpleDataSource();
    String[] hosts = server.hosts().toArray(String[]::new);
    int[] ports = new int[hosts.length];
    Arrays.fill(ports, server.port());
    source.setServerNames(hosts);
    source.setPortNumbers(ports);
    source.setDatabaseName(database);
    source.setUser(login.user());
    source.setPassword(login.password());
    source.setConnectTimeout((int) CONNECT_TIMEOUT.toSeconds());
    source.setLoginTimeout((int) CONNECT_TIMEOUT.toSeconds());
    source.setSocketTimeout((int) SOCKET_TIMEOUT.toSeconds());
    source.setTcpKeepAlive(true);
    source.setPrepareThreshold(1);
    source.setPreparedStatementCacheQueries(PREPARED_STATEMENTS);
    source.setApplicationName("taskbroker/" + name);
    if (hosts.length > 1) {
      source.setTargetServerType("primary");
      source.setHostRecheckSeconds((int) ROLE_HOLDS.toSeconds());
    }
    setParameters(source);
    return source;
  }

  private void setParameters(PGSimpleDataSource source) {
    ConnectionParameters parameters = settings.parameters();
    set(source, PGProperty.APPLICATION_NAME, parameters.get("application_name"));
    set(source, PGProperty.OPTIONS, parameters.get("options"));
    set(source, PGProperty.SSL_CERT, parameters.get("sslcert"));
    String key = parameters.get("sslkey");
    set(source, PGProperty.SSL_KEY, key);
    if (key != null) {
      set(source, PGProperty.PEM_KEY_ALGORITHM, PemKey.algorithmOf(key).orElse(null));
    }
    String rootCert = parameters.get("sslrootcert");
    set(source, PGProperty.SSL_ROOT_CERT, rootCert);
    String mode = parameters.get("sslmode");
    if (mode != null) {
      String lowerCase = mode.toLowerCase(Locale.ROOT);
      source.setSslMode(lowerCase);
      if (lowerCase.startsWith("verify-") && rootCert == null) {
        source.setSslfactory("org.postgresql.ssl.DefaultJavaSSLFactory"); // what the system trusts
      }
    }
    String statements = parameters.get("statement-cache-capacity");
    if (statements != null) {
      int capacity = Integer.parseInt(statements);
      source.setPreparedStatementCacheQueries(capacity);
      if (capacity == 0) {
        source.setPrepareThreshold(0); // for a pooler that knows no prepared statements
      }
    }
  }

  private static void set(PGSimpleDataSource source, PGProperty property, @Nullable String value) {
    if (value != null) {
      source.setProperty(property, value);
    }
  }

  /** What the pool of readers asks for connections. */
  private static final class Readers extends PGSimpleDataSource {
    @Serial private static final long serialVersionUID = 1L;

    private final transient PatientStart.Opening<Connection> opening;

    Readers(PatientStart.Opening<Connection> opening) {
      this.opening = opening;
    }

    @Override
    public Connection getConnection() throws SQLException {
      return opening.open();
    }
  }
}
