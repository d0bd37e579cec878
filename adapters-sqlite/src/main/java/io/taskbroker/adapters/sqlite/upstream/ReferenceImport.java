package io.taskbroker.adapters.sqlite.upstream;

import io.taskbroker.adapters.sqlite.FileMode;
import io.taskbroker.adapters.sqlite.LogSync;
import io.taskbroker.adapters.sqlite.SqliteErrors;
import io.taskbroker.adapters.sqlite.StoreFile;
import io.taskbroker.adapters.sqlite.UnusableFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;

/**
 * Turns a file of the reference broker into a store of ours: builds a new file beside it, keeps the
 * original under another name, and puts the new one in its place.
 *
 * <p>Before each step everything that the next start needs is on disk, so the process may end at
 * any time: until the new file is in its place the next start begins anew, afterwards there is
 * nothing left to do. No step changes a row of the original.
 *
 * <p>Used under the {@link FileGuard}, before any other connection exists.
 */
final class ReferenceImport {
  /** What has just been done, in this order. */
  enum Step {
    /** It is written down whether the reference ended in order. */
    END_NOTED,
    /** The original's log is copied into it and gone, and nobody else has it open. */
    LOG_FOLDED,
    /** Some rows are in the new file. */
    BUILDING,
    /** All rows are in the new file, which may not survive a power cut yet. */
    BUILT,
    /** It does now. */
    SYNCED,
    /** The original has its second name. */
    KEPT,
    /** The new file has the original's first name. */
    IN_PLACE
  }

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** Long enough for somebody who only looks at the file. */
  private static final int BUSY_TIMEOUT_MS = 1_000;

  private final Path file;
  private final Path draft;
  private final Path killedMark;
  private final ImportSettings settings;
  private final long nowMs;
  private final Consumer<Step> done;

  /**
   * @param done is told of each step
   */
  ReferenceImport(Path file, ImportSettings settings, long nowMs, Consumer<Step> done) {
    this.file = file;
    this.draft = StoreFile.draftOf(file);
    this.killedMark = killedMark(file);
    this.settings = settings;
    this.nowMs = nowMs;
    this.done = done;
  }

  /**
   * Removes what an interrupted import or creation has left beside a whole store.
   *
   * @throws IOException if the folder does not allow it
   */
  static void removeRemains(Path file) throws IOException {
    StoreFile.removeDraft(StoreFile.draftOf(file));
    Files.deleteIfExists(killedMark(file));
  }

  /** There while a file is imported that the reference left behind when it was killed. */
  private static Path killedMark(Path file) {
    return file.resolveSibling(file.getFileName() + ".killed");
  }

  /**
   * Imports the file, which afterwards is a store of ours.
   *
   * @throws UnusableFileException if it cannot be imported; its rows are as they were
   */
  void run() {
    LOG.info("{} was written by the reference broker and is imported", file);
    try {
      boolean endedInOrder = noteTheEnd();
      ReferenceRows rows;
      Path kept;
      try (Connection original = foldLog()) {
        rows = buildDraft(original, endedInOrder);
        syncDraft();
        kept = keepOriginal();
        putInPlace();
      }
      removeRemains(file);
      rows.report(file, kept);
    } catch (SQLException | IOException e) {
      StoreFile.abandonDraft(draft, e);
      throw new UnusableFileException(
          "%s was written by the reference broker and cannot be imported: %s. It is as it was; the import needs about as much free space as the file is large, and write permission in its folder."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /**
   * A reference that is stopped commits its offsets and closes the file, which removes the log; one
   * that is killed does neither. The log is gone after the next step, so a mark keeps that in mind.
   */
  private boolean noteTheEnd() throws IOException {
    if (LogSync.hasFrames(file)) {
      Files.writeString(
          killedMark, "The reference broker left its log behind: it was not stopped in order.\n");
      StoreFile.sync(killedMark);
      StoreFile.syncFolder(file);
    }
    done.accept(Step.END_NOTED);
    return !Files.exists(killedMark);
  }

  /**
   * Copies the log into the original and removes it: it would overwrite a new file of that name.
   *
   * @return a connection that keeps everybody else out of the original
   */
  private Connection foldLog() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    Connection original = config.createConnection("jdbc:sqlite:" + file);
    try (Statement statement = original.createStatement()) {
      alone(statement);
      if (Files.exists(LogSync.of(file))
          || Files.exists(file.resolveSibling(file.getFileName() + "-shm"))) {
        throw new UnusableFileException(inUse());
      }
      done.accept(Step.LOG_FOLDED);
      return original;
    } catch (SQLException | RuntimeException e) {
      original.close();
      throw e;
    }
  }

  private void alone(Statement statement) throws SQLException {
    try (ResultSet mode = statement.executeQuery("PRAGMA journal_mode = DELETE")) {
      if (!mode.next() || !mode.getString(1).equals("delete")) {
        throw new UnusableFileException(inUse());
      }
      statement.execute("BEGIN EXCLUSIVE");
    } catch (SQLException e) {
      if (SqliteErrors.isBusy(e)) {
        throw new UnusableFileException(inUse(), e);
      }
      throw e;
    }
  }

  private String inUse() {
    return "%s was written by the reference broker and cannot be imported while another program has it open. End that program (the reference broker, or whatever looks into the file) and start again; nothing was changed."
        .formatted(file);
  }

  private ReferenceRows buildDraft(Connection original, boolean endedInOrder)
      throws SQLException, IOException {
    StoreFile.removeDraft(draft);
    ReferenceRows rows =
        new ReferenceRows(
            original, new ReferenceRules(settings, endedInOrder, nowMs), endedInOrder);
    StoreFile.build(
        draft,
        FileMode.of(file),
        connection -> rows.copyTo(connection, () -> done.accept(Step.BUILDING)));
    done.accept(Step.BUILT);
    return rows;
  }

  private void syncDraft() throws IOException {
    StoreFile.sync(draft);
    done.accept(Step.SYNCED);
  }

  /** A crash may have come between this and the next step, so the name may be there already. */
  private Path keepOriginal() throws IOException {
    Path kept = file.resolveSibling(file.getFileName() + ".reference");
    for (int number = 2; Files.exists(kept, LinkOption.NOFOLLOW_LINKS); number++) {
      if (Files.isSameFile(kept, file)) {
        done.accept(Step.KEPT);
        return kept;
      }
      kept = file.resolveSibling(file.getFileName() + ".reference." + number);
    }
    try {
      Files.createLink(kept, file);
    } catch (UnsupportedOperationException e) {
      throw new IOException("its file system knows no second names for a file (hard links)", e);
    }
    StoreFile.syncFolder(file);
    done.accept(Step.KEPT);
    return kept;
  }

  private void putInPlace() throws IOException {
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    StoreFile.syncFolder(file);
    done.accept(Step.IN_PLACE);
  }
}
