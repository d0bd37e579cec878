package io.taskbroker.adapters.sqlite;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.SQLiteOpenMode;

/** Opens a broker's connections to its store, each kind with the settings that its job needs. */
class Connections {
  /** How long a statement waits for another process's lock. */
  private static final int BUSY_TIMEOUT_MS = 5_000;

  /** How long a reader waits for a connection of the pool. */
  private static final int POOL_TIMEOUT_MS = 30_000;

  /** Large payloads are read by one sender thread, and upkeep reads some. */
  private static final int READERS = 4;

  /** Pages kept by the writer, in KiB: the leaves that a steady load touches again. */
  private static final int WRITER_CACHE_KIB = 16_384;

  private final Path file;

  Connections(Path file) {
    this.file = file;
  }

  /**
   * Unpacks SQLite's native library.
   *
   * @throws UnusableFileException if the folder for it does not let it; the message says what to
   *     set
   */
  static void loadLibrary() {
    try {
      SQLiteJDBCLoader.initialize();
    } catch (Exception | UnsatisfiedLinkError e) {
      String folder =
          System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir", "?"));
      throw new UnusableFileException(
          "SQLite's native library cannot be unpacked into %s and loaded from there: %s. If the folder is read-only, full or mounted noexec, name another one with -Djava.io.tmpdir=FOLDER or -Dorg.sqlite.tmpdir=FOLDER."
              .formatted(folder, e),
          e);
    }
  }

  /** The writer's: it alone changes rows, in transactions that lock from their beginning. */
  Connection openWriter() throws SQLException {
    SQLiteConfig config = serving();
    config.setTransactionMode(TransactionMode.IMMEDIATE);
    config.setCacheSize(-WRITER_CACHE_KIB);
    Connection connection = open(config);
    try (Statement statement = connection.createStatement()) {
      // A log that a long-running reader has let grow is cut when it is begun anew.
      statement.execute("PRAGMA journal_size_limit = " + Checkpoints.LOG_KEPT_BYTES);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }

  /** The checkpoint thread's. It never waits: whoever is in its way is gone at the next turn. */
  Connection openCheckpointer() throws SQLException {
    SQLiteConfig config = serving();
    config.setBusyTimeout(0);
    return open(config);
  }

  private Connection open(SQLiteConfig config) throws SQLException {
    return config.createConnection(url(file));
  }

  private static SQLiteConfig serving() {
    SQLiteConfig config = new SQLiteConfig();
    config.setOpenMode(SQLiteOpenMode.NOMUTEX); // each of these connections has one thread
    config.setGetGeneratedKeys(false); // which would be asked for after each insert
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, "0");
    config.enforceForeignKeys(true);
    return config;
  }

  /** Reads beside the writer, for any platform thread. */
  HikariDataSource openReaders() {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl(url(file));
    HikariConfig pool = new HikariConfig();
    pool.setDataSource(source);
    pool.setPoolName("sqlite-readers");
    pool.setMaximumPoolSize(READERS);
    pool.setMinimumIdle(1);
    pool.setReadOnly(true);
    pool.setConnectionTimeout(POOL_TIMEOUT_MS);
    return new HikariDataSource(pool);
  }

  private static String url(Path file) {
    return "jdbc:sqlite:" + file;
  }
}
