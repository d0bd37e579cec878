package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;

/** The database file: where it is, and how it comes into being. */
public final class StoreFile {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private StoreFile() {}

  /**
   * The one name of the file, whatever links lead to it.
   *
   * @throws UnusableFileException if its folder is not there
   */
  static Path locate(Path named) {
    Path absolute = named.toAbsolutePath().normalize();
    Path folder = absolute.getParent();
    Path name = absolute.getFileName();
    if (folder == null || name == null) {
      throw new UnusableFileException(
          named + " is a folder; name a file (the broker's is store.sqlite.path).");
    }
    if (absolute.toString().contains("?")) {
      throw new UnusableFileException(
          absolute
              + " has a '?' in it, where SQLite's driver takes the name to end; name another path"
              + " (the broker's is store.sqlite.path).");
    }
    if (Files.isSymbolicLink(absolute) && !Files.exists(absolute)) {
      throw new UnusableFileException(
          "%s is a link that leads nowhere. Mend or remove it, or name another path (the broker's is store.sqlite.path)."
              .formatted(absolute));
    }
    if (Files.notExists(folder)) { // often a volume that is not mounted, so it is not made here
      throw new UnusableFileException(
          "The folder %s does not exist, so there is no place for the store %s. Mount the volume that belongs there, or make it for the broker's user (install -d -o USER %1$s), or name another path (the broker's is store.sqlite.path)."
              .formatted(folder, name));
    }
    try {
      return Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)
          ? absolute.toRealPath()
          : folder.toRealPath().resolve(name);
    } catch (IOException e) {
      throw new UnusableFileException(
          "The folder of %s cannot be used: %s. Create it, or name another path (the broker's is store.sqlite.path)."
              .formatted(absolute, e),
          e);
    }
  }

  /**
   * Makes an empty store. It is built beside its place and renamed into it, so that whatever stands
   * there is always whole, and says what it is from its first page on.
   */
  static void create(Path file, FileMode mode) {
    Path draft = draftOf(file);
    try {
      removeDraft(draft);
      build(draft, mode, _ -> {});
      sync(draft);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
      syncFolder(file);
    } catch (IOException | SQLException e) {
      abandonDraft(draft, e);
      throw new UnusableFileException(
          "%s cannot be created: %s. See that the broker's user may write to the folder and that the disk is not full."
              .formatted(file, e),
          e);
    }
  }

  /**
   * Tells people of further names of the file. SQLite keeps a log for each name, so a program that
   * opens the file by another one sees old rows, and damages it when it writes.
   */
  static void warnOfFurtherNames(Path file) {
    try {
      int names = (Integer) Files.getAttribute(file, "unix:nlink");
      if (names > 1) {
        LOG.warn(
            "{} has {} names (hard links). Whatever opens it by another of them does not see the"
                + " write-ahead log, and damages the file if it writes. Remove the other names:"
                + " find -samefile lists them",
            file,
            names);
      }
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      LOG.debug("The names of {} cannot be counted", file, e);
    }
  }

  /** What fills a new store before anybody sees it. */
  @FunctionalInterface
  public interface Content {
    void write(Connection connection) throws SQLException;
  }

  /** Where a file is built that shall stand at {@code place}. */
  public static Path draftOf(Path place) {
    return place.resolveSibling(place.getFileName() + ".new");
  }

  /** Removes what an interrupted build has left. */
  public static void removeDraft(Path draft) throws IOException {
    for (String companion : new String[] {"-journal", "-wal", "-shm", ""}) {
      Files.deleteIfExists(draft.resolveSibling(draft.getFileName() + companion));
    }
  }

  /** Removes what a build has written that failed, so that it takes no room on a full disk. */
  public static void abandonDraft(Path draft, Exception because) {
    try {
      removeDraft(draft);
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }

  /** Writes a store of ours into a file of its own, which is not synced yet. */
  public static void build(Path draft, FileMode mode, Content content)
      throws SQLException, IOException {
    mode.create(draft);
    SQLiteConfig config = new SQLiteConfig();
    config.setPageSize(Schema.PAGE_BYTES);
    config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
    config.setGetGeneratedKeys(false);
    try (Connection connection = config.createConnection("jdbc:sqlite:" + draft);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
      statement.execute("PRAGMA application_id = " + Schema.APPLICATION_ID);
      statement.execute("PRAGMA user_version = " + Schema.VERSION);
      for (String object : Schema.OBJECTS) {
        statement.execute(object);
      }
      content.write(connection);
      statement.execute("PRAGMA journal_mode = WAL");
    }
  }

  /** Makes sure of the names in the folder of {@code file}, that of a new log included. */
  public static void syncFolder(Path file) throws IOException {
    sync(file.resolveSibling("."), StandardOpenOption.READ);
  }

  /** Makes sure of what is in a file that no connection has open. */
  public static void sync(Path closed) throws IOException {
    sync(closed, StandardOpenOption.WRITE);
  }

  private static void sync(Path path, StandardOpenOption mode) throws IOException {
    try (FileChannel channel = FileChannel.open(path, mode)) {
      channel.force(true);
    }
  }
}
