package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A store that may be damaged, opened for reading what can be read. Neither the database nor its
 * log is changed, and no file is left beside them.
 */
final class DamagedStore implements AutoCloseable {
  private final Path file;
  private final @Nullable FileGuard guard;
  private final Connection connection;
  private final boolean hasIndexOfItsOwn;
  private final List<String> damage;

  private DamagedStore(
      Path file,
      @Nullable FileGuard guard,
      Connection connection,
      boolean hasIndexOfItsOwn,
      List<String> damage) {
    this.file = file;
    this.guard = guard;
    this.connection = connection;
    this.hasIndexOfItsOwn = hasIndexOfItsOwn;
    this.damage = damage;
  }

  /**
   * Opens a store of whatever version of ours.
   *
   * @throws UnusableFileException if a broker holds it, it is none of ours, or its header or schema
   *     cannot be read
   */
  static DamagedStore open(Path named) {
    Connections.loadLibrary();
    Path file = StoppedStore.existing(named);
    FileGuard guard =
        Files.isWritable(file.resolveSibling(".")) ? FileGuard.acquireForATool(file) : null;
    try {
      List<String> damage = new ArrayList<>();
      String logDefect = new FileInspection(file).inspectForSalvage();
      if (logDefect != null) {
        damage.add("what is only in its log %s, which %s".formatted(LogSync.of(file), logDefect));
      }
      boolean hasLog = LogSync.hasFrames(file) && logDefect == null;
      boolean hasIndex = Files.exists(indexOf(file));
      Connection connection = Readers.openForSalvage(file, hasLog);
      return new DamagedStore(file, guard, connection, hasIndex, damage);
    } catch (SQLException e) {
      release(guard);
      throw new UnusableFileException(
          "%s cannot be read at all: %s. Restore it from a backup.".formatted(file, e.getMessage()),
          e);
    } catch (RuntimeException e) {
      release(guard);
      throw e;
    }
  }

  private static Path indexOf(Path file) {
    return file.resolveSibling(file.getFileName() + "-shm");
  }

  Path file() {
    return file;
  }

  Connection connection() {
    return connection;
  }

  /** What was found before any table was read. */
  List<String> damage() {
    return damage;
  }

  @Override
  public void close() throws SQLException, IOException {
    try {
      connection.close();
      if (!hasIndexOfItsOwn && guard != null) {
        Files.deleteIfExists(indexOf(file)); // which a reader who may not write leaves behind
      }
    } finally {
      release(guard);
    }
  }

  private static void release(@Nullable FileGuard guard) {
    if (guard != null) {
      try {
        guard.close();
      } catch (IOException _) {
        // The process ends soon, and with it the lock.
      }
    }
  }
}
