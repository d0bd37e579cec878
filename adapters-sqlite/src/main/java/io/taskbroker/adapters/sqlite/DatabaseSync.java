package io.taskbroker.adapters.sqlite;

import io.taskbroker.inflight.JournalException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Forces the database's own file to the disk from beside its writer.
 *
 * <p>SQLite locks by this file, and POSIX takes all locks of a process away as soon as it closes
 * the file once, by whichever descriptor. So it is opened once, and closed behind the last
 * connection.
 */
final class DatabaseSync implements AutoCloseable {
  private final Path database;
  private final FileChannel channel;

  private DatabaseSync(Path database, FileChannel channel) {
    this.database = database;
    this.channel = channel;
  }

  /**
   * @param database whose connections will all be closed before this is
   */
  static DatabaseSync open(Path database) throws IOException {
    return new DatabaseSync(database, FileChannel.open(database, StandardOpenOption.WRITE));
  }

  /**
   * @throws JournalException.Final if it failed; what was written before may then be lost
   */
  void force() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw new JournalException.Final(
          "%s could not be synced: %s".formatted(database, e.getMessage()), e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
