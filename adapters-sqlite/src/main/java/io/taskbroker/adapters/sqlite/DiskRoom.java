package io.taskbroker.adapters.sqlite;

import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much room the disk of a store has, and how much of that is needed to copy the log.
 *
 * <p>The log is begun anew only after it was copied into the database, whose file grows by that. If
 * the log took the last room, it could never be copied, and nothing could be written ever again.
 *
 * <p>A quota is not seen here. Safe for all threads.
 */
final class DiskRoom {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** With this much beyond what copying takes, no group has to be looked at. */
  private static final long PLENTY_BYTES = 128L << 20;

  /** Besides its rows a group writes the pages above them, and the first page. */
  private static final long GROUP_BYTES = 64L << 10;

  /** A row is on three leaves, each of which may be split. */
  private static final long ROW_BYTES = 700;

  private static final Look UNKNOWN = new Look(Long.MAX_VALUE, 0);

  private final Path database;
  private final @Nullable FileStore disk;
  private volatile boolean isScarce;

  DiskRoom(Path database) {
    this.database = database;
    this.disk = diskOf(database);
  }

  private static @Nullable FileStore diskOf(Path database) {
    try {
      return Files.getFileStore(database);
    } catch (IOException e) {
      LOG.debug("The file system of {} is not known", database, e);
      return null;
    }
  }

  /** What one look at the disk and the database has shown, in bytes. */
  record Look(long free, long needed) {
    /** Whether the log can be copied. */
    boolean allowsCopying() {
      return free >= needed;
    }

    /** Whether the log should be copied soon, as it needs much of what is free. */
    boolean urgesCopying() {
      return allowsCopying() && needed > free / 4;
    }

    /** What is free beyond what copying takes. */
    long left() {
      return free - needed;
    }
  }

  /**
   * @param databaseBytes size of the database with all that is in the log
   */
  Look look(long databaseBytes) {
    Look look = UNKNOWN;
    try {
      if (disk != null) {
        long needed = Math.max(0, databaseBytes - Files.size(database));
        look = new Look(disk.getUsableSpace(), needed);
      }
    } catch (IOException e) {
      LOG.debug("It is not known how much room there is beside {}", database, e);
    }
    isScarce = look.left() < PLENTY_BYTES;
    return look;
  }

  /** Whether there was so little room at the last look that each group has to be looked at. */
  boolean isScarce() {
    return isScarce;
  }

  /** Bytes that a group appends to the log, at most. */
  static long bytesOf(JournalGroup group) {
    long payloads = 0;
    for (StoredActivation row : group.changes().inserted()) {
      byte[] payload = group.payloads().get(row.key());
      if (payload != null) {
        payloads += payload.length;
      }
    }
    long inserted = group.changes().inserted().size() * ROW_BYTES + payloads + payloads / 8;
    int changed = group.changes().updated().size() + group.changes().deleted().size();
    return GROUP_BYTES + inserted + changed * 2L * Schema.PAGE_BYTES;
  }
}
