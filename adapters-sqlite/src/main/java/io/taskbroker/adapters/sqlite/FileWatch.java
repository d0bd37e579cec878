package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether the files that are open are still those under their names, and as they were left.
 * Only attributes are asked for, since opening and closing the database would drop SQLite's locks.
 * Used by the checkpoint thread, which alone writes to the database file.
 */
final class FileWatch {
  /** Where the rows are after a change. */
  enum Whereabouts {
    /** Under their names. A restart finds them. */
    IN_PLACE,
    /** In the open files, which have lost their names. A restart would not find them. */
    IN_OPEN_FILES,
    /** Some are lost, as an open file was written to or cut. */
    PARTLY_LOST
  }

  /**
   * What somebody has done.
   *
   * @param what a sentence without its full stop
   */
  record Change(String what, Whereabouts whereabouts) {}

  private record Stamp(long bytes, FileTime modified) {}

  private final Path configured;
  private final Path database;
  private final Path log;
  private final Path index;
  private final Path lock;
  private final Object databaseKey;
  private final Object logKey;
  private final @Nullable Object indexKey;
  private final Object lockKey;
  private final boolean timesAreReliable;
  private Stamp stamp;

  /**
   * @param configured how the database is named, links included
   * @param database its real name; connections to it are open
   * @throws IOException if one of the files is not there
   */
  FileWatch(Path configured, Path database, Path lock) throws IOException {
    this.configured = configured.toAbsolutePath();
    this.database = database;
    this.log = LogSync.of(database);
    this.index = database.resolveSibling(database.getFileName() + "-shm");
    this.lock = lock;
    this.databaseKey = keyOf(attributes(database));
    this.logKey = keyOf(attributes(log));
    this.indexKey = Files.exists(index) ? keyOf(attributes(index)) : null;
    this.lockKey = keyOf(attributes(lock));
    this.timesAreReliable = !NetworkFileSystem.holds(database);
    this.stamp = stampOf(attributes(database));
  }

  /** The checkpoint thread has written to the database. */
  void databaseWritten() throws IOException {
    BasicFileAttributes now = attributes(database);
    if (keyOf(now).equals(databaseKey)) {
      stamp = stampOf(now);
    }
  }

  /** Whether this is the log that is open. */
  boolean isOpenLog(Path path) throws IOException {
    return isStill(logKey, path);
  }

  /** Whether this is the database that is open. */
  boolean isOpenDatabase(Path path) throws IOException {
    return isStill(databaseKey, path);
  }

  /** Whether both names of the database still lead to it. For any thread. */
  boolean isInPlace() throws IOException {
    return isStill(databaseKey, configured) && isStill(databaseKey, database);
  }

  /**
   * Says what has changed.
   *
   * @param logIsCut whether the log is shorter than what was written to it
   * @return null if all is as it was
   * @throws IOException if that cannot be found out now
   */
  @Nullable Change look(boolean logIsCut) throws IOException {
    if (!isInPlace()) {
      return new Change(nameOf(configured), Whereabouts.IN_OPEN_FILES);
    }
    if (!isStill(logKey, log)) {
      return new Change(nameOf(log), Whereabouts.IN_OPEN_FILES);
    }
    if (logIsCut) {
      return new Change(log + " was cut by another program", Whereabouts.PARTLY_LOST);
    }
    Stamp now = stampOf(attributes(database));
    if (!now.equals(stamp)) {
      return new Change(
          database + " was written to or cut by another program", Whereabouts.PARTLY_LOST);
    }
    if (indexKey != null && !isStill(indexKey, index)) {
      return new Change(nameOf(index), Whereabouts.IN_PLACE);
    }
    return isStill(lockKey, lock) ? null : new Change(nameOf(lock), Whereabouts.IN_PLACE);
  }

  private static String nameOf(Path path) {
    return Files.exists(path)
        ? path + " is another file than the one that the broker has open"
        : path + " was removed, or its folder was moved";
  }

  private static boolean isStill(Object key, Path path) throws IOException {
    try {
      return key.equals(keyOf(attributes(path)));
    } catch (NoSuchFileException | NotDirectoryException _) {
      return false;
    }
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class);
  }

  /** Differs for two files that had the same name one after the other. */
  private static Object keyOf(BasicFileAttributes attributes) {
    Object key = attributes.fileKey();
    return key == null ? attributes.creationTime() : key;
  }

  /** A file system in other hands may correct the time of a write afterwards. */
  private Stamp stampOf(BasicFileAttributes attributes) {
    return new Stamp(
        attributes.size(),
        timesAreReliable ? attributes.lastModifiedTime() : FileTime.fromMillis(0));
  }
}
