package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.FileInspection.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/** The store of a broker that does not run, held for a tool. */
public final class StoppedStore implements AutoCloseable {
  private final Path file;
  private final FileGuard guard;

  private StoppedStore(Path file, FileGuard guard) {
    this.file = file;
    this.guard = guard;
  }

  /**
   * Takes a store for changing it: one of an earlier version is brought up to this one.
   *
   * @throws UnusableFileException as {@link #open}
   * @throws SQLException if it could not be brought up; it is unchanged
   */
  static StoppedStore openForChanges(Path named) throws SQLException {
    StoppedStore store = open(named);
    try {
      if (new FileInspection(store.file).inspect() == Finding.EARLIER_STORE) {
        SchemaUpgrade.run(store.file, new Connections(store.file));
      }
      return store;
    } catch (SQLException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /**
   * Takes a store for reading, of whatever version of ours.
   *
   * @throws UnusableFileException if a broker holds it, or it is no sound store of ours; it is
   *     unchanged
   */
  public static StoppedStore open(Path named) {
    Connections.loadLibrary();
    Path file = existing(named);
    StoppedStore store = new StoppedStore(file, FileGuard.acquireForATool(file));
    try {
      requireStore(file, new FileInspection(file).inspect());
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** The real name of a file that must be there. */
  static Path existing(Path named) {
    Path file = StoreFile.locate(named);
    if (!Files.exists(file)) {
      throw new UnusableFileException(
          "%s does not exist. Name the file that store.sqlite.path names.".formatted(file));
    }
    return file;
  }

  private static void requireStore(Path file, Finding finding) {
    switch (finding) {
      case STORE, EARLIER_STORE -> {}
      case NOTHING -> throw new UnusableFileException(file + " is empty: there is nothing in it.");
      case REFERENCE ->
          throw new UnusableFileException(
              "%s is a file of the reference broker already. This broker imports it when it is started on it."
                  .formatted(file));
    }
  }

  public Path file() {
    return file;
  }

  @Override
  public void close() {
    try {
      guard.close();
    } catch (IOException _) {
      // The process ends soon, and with it the lock.
    }
  }
}
