package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Forces the write-ahead log to the disk from beside its writer.
 *
 * <p>A committed group is in the log's file, or the log has been begun anew since; SQLite does that
 * only when all of it has been copied into the database and the database was synced. And as long as
 * a connection is open it is the same file, however often it is begun anew or cut. So to force the
 * log is enough.
 *
 * <p>SQLite locks neither by this file nor by its inode, so this is the one file of the three that
 * may be opened and closed beside it. {@link DatabaseSync} has to keep its own open.
 */
public final class LogSync implements AutoCloseable {
  private final Path log;
  private final FileChannel channel;

  private LogSync(Path log, FileChannel channel) {
    this.log = log;
    this.channel = channel;
  }

  /**
   * Opens the log, and makes sure that a power cut leaves its name in the folder.
   *
   * @param database of which a connection is open, and stays so
   */
  static LogSync open(Path database) throws IOException {
    Path log = of(database);
    FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE);
    try (FileChannel folder =
        FileChannel.open(log.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new LogSync(log, channel);
  }

  /** The write-ahead log of a database. */
  public static Path of(Path database) {
    return database.resolveSibling(database.getFileName() + "-wal");
  }

  /** Whether there is a log that may hold what the database lacks. */
  public static boolean hasFrames(Path database) {
    try {
      return Files.size(of(database)) > 0;
    } catch (IOException e) {
      return false; // there is none
    }
  }

  Path log() {
    return log;
  }

  void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
