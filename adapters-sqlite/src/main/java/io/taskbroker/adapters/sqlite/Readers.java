package io.taskbroker.adapters.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/** Opens connections for those who only read a database: inspection, salvage, tools. */
public final class Readers {
  /** How long a statement waits for another process's lock. */
  private static final int BUSY_TIMEOUT_MS = 5_000;

  private Readers() {}

  /**
   * A connection that changes nothing. Without a log it takes no locks and leaves no files beside
   * the database; with one it has to go through the log's index, which it creates where it is
   * missing.
   */
  public static Connection openForInspection(Path file, boolean hasLog) throws SQLException {
    return openReadOnly(inspectionUri(file, hasLog));
  }

  /**
   * As {@link #openForInspection}, for a file that may be damaged: one that is cut short is read as
   * far as it goes, and rows are checked more closely before they are believed.
   */
  static Connection openForSalvage(Path file, boolean hasLog) throws SQLException {
    Connection connection = openReadOnly(inspectionUri(file, hasLog));
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA writable_schema = ON");
      statement.execute("PRAGMA cell_size_check = ON");
      statement.executeQuery("SELECT count(*) FROM sqlite_schema").close();
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }

  /** Reads beside a broker in another process, or where there is none. */
  static Connection openForReading(Path file) throws SQLException {
    return openReadOnly(file.toUri() + "?mode=ro");
  }

  /**
   * As {@link #openForReading}, but the last one who closes may also remove the log and its index,
   * which a reader who may not write has to leave behind.
   */
  static Connection openForReadingAndTidying(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setOpenMode(SQLiteOpenMode.OPEN_URI);
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    return config.createConnection("jdbc:sqlite:" + file.toUri() + "?mode=rw");
  }

  private static Connection openReadOnly(String uri) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setOpenMode(SQLiteOpenMode.OPEN_URI);
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    return config.createConnection("jdbc:sqlite:" + uri);
  }

  /** The database for one who changes nothing; see {@link #openForInspection}. */
  public static String inspectionUri(Path file, boolean hasLog) {
    return file.toUri() + (hasLog ? "?mode=ro" : "?immutable=1");
  }
}
