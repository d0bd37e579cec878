package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a store of this version of whatever stands at its place. Used under the {@link FileGuard},
 * before any other connection exists.
 */
final class FilePreparation {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Path file;
  private final SqliteSettings settings;
  private final Connections connections;

  FilePreparation(Path file, SqliteSettings settings, Connections connections) {
    this.file = file;
    this.settings = settings;
    this.connections = connections;
  }

  /**
   * Creates, imports, brings up or rewrites the file, as need be.
   *
   * @param nowMs Unix milliseconds
   * @throws UnusableFileException if what is there cannot be used; it is unchanged
   * @throws SQLException if it could not be brought up; it is unchanged
   */
  void run(Importer importer, long nowMs) throws SQLException, IOException {
    switch (new FileInspection(file).inspect()) {
      case NOTHING -> StoreFile.create(file, settings.mode());
      case REFERENCE -> importer.run(file, nowMs);
      case EARLIER_STORE -> {
        importer.removeRemains(file);
        SchemaUpgrade.run(file, connections);
      }
      case STORE -> {
        importer.removeRemains(file);
        if (settings.rewriteAtStart()) {
          rewrite();
        }
      }
    }
  }

  /** Nothing depends on it: a file that could not be rewritten is as good as before. */
  private void rewrite() {
    try (Connection connection = connections.openWriter();
        Statement statement = connection.createStatement()) {
      statement.execute("VACUUM");
    } catch (SQLException e) {
      LOG.warn("{} could not be rewritten, and is used as it is", file, e);
    }
  }

  /** Gives its mode to files of an earlier start, and to those that were made by the umask. */
  void restrict() {
    for (String companion : new String[] {"", "-wal", "-shm", ".lock", ".owner"}) {
      settings.mode().applyTo(file.resolveSibling(file.getFileName() + companion));
    }
  }
}
