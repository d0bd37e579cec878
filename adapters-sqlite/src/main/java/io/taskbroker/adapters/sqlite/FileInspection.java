package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a file before SQLite may write to it, and refuses what is neither a healthy store of
 * ours nor a file of the reference broker. It costs a look at the first page, however large the
 * file is: damage farther in shows when it is loaded.
 *
 * <p>To be used under the {@link FileGuard} and before any connection exists: closing a descriptor
 * of the file would drop the locks of a connection.
 */
final class FileInspection {
  /** What may stand at the place of the store. */
  enum Finding {
    /** Nothing, or an empty file. */
    NOTHING,
    /** A store of ours, of this version. */
    STORE,
    /** A store of ours, of an earlier version; see {@link SchemaUpgrade}. */
    EARLIER_STORE,
    /** A file of the reference broker; see {@link Importer}. */
    REFERENCE
  }

  /** Offsets in the header, see <https://sqlite.org/fileformat2.html#the_database_header>. */
  private static final int PAGE_SIZE_AT = 16;

  private static final int CHANGE_COUNTER_AT = 24;
  private static final int PAGE_COUNT_AT = 28;
  private static final int APPLICATION_ID_AT = 68;
  private static final int VERSION_VALID_FOR_AT = 92;
  private static final int HEADER_BYTES = 100;

  private static final Set<String> OBJECTS_OF_EVERY_VERSION =
      Set.of("table activation", "table payload", "table position", "view " + Schema.VIEW);

  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  private final Path file;

  FileInspection(Path file) {
    this.file = file;
  }

  /**
   * Says what is there.
   *
   * @throws UnusableFileException if it is none of these; it is unchanged
   */
  Finding inspect() {
    try {
      if (Files.exists(file)) {
        refuseWhatIsNoFile();
      }
      if (!Files.exists(file) || Files.size(file) == 0) {
        refuseOrphanedLog();
        return Finding.NOTHING;
      }
      return inspectFile();
    } catch (IOException e) {
      throw new UnusableFileException(
          "%s cannot be read: %s. See that the broker's user may read and write it."
              .formatted(file, e),
          e);
    }
  }

  /**
   * For a tool that copes with damage: refuses only what is no store of ours, or one whose header
   * makes no sense.
   *
   * @return what is wrong with its log, as the rest of a sentence about it; null if nothing is
   * @throws UnusableFileException if it is refused
   */
  @Nullable String inspectForSalvage() {
    try {
      refuseWhatIsNoFile();
      ByteBuffer header = header();
      if (header.getInt(APPLICATION_ID_AT) != Schema.APPLICATION_ID) {
        throw refused(
            "is no store of this broker",
            "name the file that store.sqlite.path of the broker names");
      }
      return LogHeader.defectOf(log(), pageBytes(header));
    } catch (IOException e) {
      throw new UnusableFileException("%s cannot be read: %s.".formatted(file, e), e);
    }
  }

  private void refuseOrphanedLog() throws IOException {
    if (hasLog()) {
      throw refused(
          "is missing or empty, but its log " + log() + " is there and may hold tasks",
          "restore the database file that belongs to it, or move the log away");
    }
  }

  /** A folder or a device, which may have no size and would be replaced by a new store. */
  private void refuseWhatIsNoFile() {
    if (!Files.isRegularFile(file)) {
      throw refused("is not a file", "name another path in store.sqlite.path");
    }
  }

  private Finding inspectFile() throws IOException {
    if (!Files.isWritable(file)) {
      throw refused(
          "is read-only for the broker's user",
          "give it write permission on the file, or mount the file system read-write");
    }
    ByteBuffer header = header();
    inspectLog(header);
    inspectLength(header);
    Finding finding = identify(header);
    switch (finding) {
      case NOTHING -> {}
      case STORE -> inspectObjects(Schema.objects());
      case EARLIER_STORE -> inspectObjects(OBJECTS_OF_EVERY_VERSION);
      case REFERENCE -> {} // its importer looks further
    }
    return finding;
  }

  private ByteBuffer header() throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      int read = 0;
      while (read >= 0 && header.hasRemaining()) {
        read = channel.read(header);
      }
    }
    boolean isDatabase = !header.hasRemaining();
    header.flip();
    for (int i = 0; isDatabase && i < MAGIC.length; i++) {
      isDatabase = header.get(i) == MAGIC[i];
    }
    if (!isDatabase) {
      throw refused(
          "is no SQLite database, or its beginning is damaged",
          "move it away to start with an empty store, or restore it from a backup");
    }
    return header;
  }

  /**
   * A new file of ours carries its mark from its first moment, so the log cannot differ. The
   * version may have been raised in the log alone.
   */
  private Finding identify(ByteBuffer header) {
    int applicationId = header.getInt(APPLICATION_ID_AT);
    if (applicationId == Schema.APPLICATION_ID) {
      int version = version();
      if (version > Schema.VERSION) {
        throw refused(
            "was written by a newer broker (schema version %d, this one knows %d)"
                .formatted(version, Schema.VERSION),
            "start that version again, or name another path in store.sqlite.path");
      }
      if (version < 1) {
        throw refused(
            "has schema version %d, which no broker has written".formatted(version),
            "restore it from a backup, or move it away to start with an empty store");
      }
      return version == Schema.VERSION ? Finding.STORE : Finding.EARLIER_STORE;
    }
    if (applicationId == 0 && objects().contains("table " + Schema.VIEW)) {
      return Finding.REFERENCE;
    }
    throw refused(
        "is a SQLite database of another program", "name another path in store.sqlite.path");
  }

  /** SQLite takes a log for empty that it cannot read, and then overwrites it. */
  private void inspectLog(ByteBuffer header) throws IOException {
    String defect = LogHeader.defectOf(log(), pageBytes(header));
    if (defect != null) {
      throw refused(
          "may lack tasks that are in its log only, and its log %s %s".formatted(log(), defect),
          "restore both files from a backup, or move the log away to go on without what is in it");
    }
  }

  private static int pageBytes(ByteBuffer header) {
    int bytes = Short.toUnsignedInt(header.getShort(PAGE_SIZE_AT));
    return bytes == 1 ? 65_536 : bytes;
  }

  /** A log may hold what the file lacks, so the length says something only without one. */
  private void inspectLength(ByteBuffer header) throws IOException {
    long pageBytes = pageBytes(header);
    boolean countIsValid = header.getInt(CHANGE_COUNTER_AT) == header.getInt(VERSION_VALID_FOR_AT);
    long expected = Integer.toUnsignedLong(header.getInt(PAGE_COUNT_AT)) * pageBytes;
    long actual = Files.size(file);
    if (!hasLog() && countIsValid && actual < expected) {
      throw damaged("is cut short (%d of %d bytes)".formatted(actual, expected), null);
    }
  }

  private void inspectObjects(Set<String> all) {
    Set<String> objects = objects();
    for (String needed : all) {
      if (!objects.contains(needed)) {
        throw damaged("lacks its " + needed, null);
      }
    }
  }

  private int version() {
    try (Connection connection = Readers.openForInspection(file, hasLog());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA user_version")) {
      row.next();
      return row.getInt(1);
    } catch (SQLException e) {
      throw damaged("is damaged", e);
    }
  }

  private Set<String> objects() {
    try (Connection connection = Readers.openForInspection(file, hasLog());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT type || ' ' || name FROM sqlite_schema")) {
      Set<String> objects = new HashSet<>();
      while (rows.next()) {
        objects.add(rows.getString(1));
      }
      return objects;
    } catch (SQLException e) {
      throw damaged("is damaged", e);
    }
  }

  private UnusableFileException damaged(String what, @Nullable SQLException cause) {
    String remedy =
        "copy what can be read into a sound file (taskbroker salvage %s OUT), restore it from a backup, or move it away to start with an empty store"
            .formatted(file);
    return cause == null
        ? refused(what, remedy)
        : UnusableFileException.refused(
            file, what + " (" + cause.getMessage() + ")", remedy, cause);
  }

  private UnusableFileException refused(String what, String remedy) {
    return UnusableFileException.refused(file, what, remedy);
  }

  private boolean hasLog() {
    return LogSync.hasFrames(file);
  }

  private Path log() {
    return file.resolveSibling(file.getFileName() + "-wal");
  }
}
