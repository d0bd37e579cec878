package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.FileWatch.Whereabouts;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.inflight.engine.StoredActivation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Gives the rows of an open store back their place, after another file was put there or none is
 * left. What stands in the place is moved aside, never overwritten.
 */
final class WriteBack {
  private final Path configured;
  private final FileWatch watch;
  private final FileMode mode;

  /**
   * What was done.
   *
   * @param aside where the file is that stood in the place; null if there was none
   * @param lost rows that could not be copied
   */
  record Outcome(Path place, @Nullable Path aside, long lost) {}

  /**
   * @param configured how the database is named
   */
  WriteBack(Path configured, FileWatch watch, FileMode mode) {
    this.configured = configured;
    this.watch = watch;
    this.mode = mode;
  }

  /**
   * Copies all rows into a new file, synced, and puts it into the place.
   *
   * @param open to the open files; nobody else uses it or writes a group meanwhile
   * @throws UnusableFileException if the place cannot be used
   */
  Outcome run(Connection open, Whereabouts whereabouts) throws SQLException, IOException {
    Path place = place();
    Path draft = StoreFile.draftOf(place);
    StoreFile.removeDraft(draft);
    long lost;
    try {
      lost = whereabouts == Whereabouts.PARTLY_LOST ? copyRows(open, draft) : copy(open, draft);
    } catch (SQLException | IOException e) {
      StoreFile.abandonDraft(draft, e);
      throw e;
    }
    StoreFile.sync(draft);
    Path aside = moveAside(place);
    Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
    StoreFile.syncFolder(place);
    return new Outcome(place, aside, lost);
  }

  /** A folder that was moved away is made anew. */
  private Path place() throws IOException {
    Path folder = configured.toAbsolutePath().normalize().getParent();
    if (folder != null && !Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(folder);
    }
    return StoreFile.locate(configured);
  }

  private long copy(Connection open, Path draft) throws SQLException, IOException {
    mode.create(draft);
    try (PreparedStatement vacuum = open.prepareStatement("VACUUM INTO ?")) {
      vacuum.setString(1, draft.toString());
      vacuum.execute();
      return 0;
    } catch (SQLException e) {
      if (!SqliteErrors.isDamage(e)) {
        throw e;
      }
      StoreFile.removeDraft(draft);
      return copyRows(open, draft);
    }
  }

  private long copyRows(Connection open, Path draft) throws SQLException, IOException {
    RowCopy copy = new RowCopy(open);
    StoreFile.build(draft, mode, copy::to);
    return copy.lost;
  }

  /** Row by row, so that what cannot be read costs nothing else. */
  private static final class RowCopy {
    private final Connection open;
    private long lost;

    RowCopy(Connection open) {
      this.open = open;
    }

    void to(Connection target) throws SQLException {
      StateTables tables = new StateTables(open);
      try (RowGroups groups = new RowGroups(target)) {
        groups.positions(tables.positions());
        tables.rows(row -> copy(row, groups));
      }
      lost += tables.gaps().size(); // at least
    }

    private void copy(StoredActivation row, RowGroups groups) throws SQLException {
      byte[] payload = row.state() instanceof Completed ? new byte[0] : payload(row);
      if (payload == null) {
        lost++;
      } else {
        groups.add(row, payload);
      }
    }

    private byte @Nullable [] payload(StoredActivation row) throws SQLException {
      try (PreparedStatement select =
          open.prepareStatement("SELECT bytes FROM payload WHERE key = ?")) {
        select.setLong(1, row.key());
        try (ResultSet found = select.executeQuery()) {
          byte[] bytes = found.next() ? found.getBytes(1) : null;
          boolean isIts = bytes != null && bytes.length == row.activation().payloadBytes();
          return isIts ? bytes : null;
        }
      } catch (SQLException e) {
        if (!SqliteErrors.isDamage(e)) {
          throw e;
        }
        return null;
      }
    }
  }

  /** Moves away what stands in the place; the log goes along with the database it belongs to. */
  private @Nullable Path moveAside(Path place) throws IOException {
    Path log = LogSync.of(place);
    boolean hasDatabase = Files.exists(place, LinkOption.NOFOLLOW_LINKS);
    boolean isOurs = hasDatabase && watch.isOpenDatabase(place);
    Path aside = hasDatabase ? free(place) : null;
    if (aside != null) {
      Files.move(place, aside);
    }
    if (Files.exists(log, LinkOption.NOFOLLOW_LINKS)) {
      boolean isOurLog = watch.isOpenLog(log);
      if (aside != null && isOurs == isOurLog) {
        Files.move(log, LogSync.of(aside));
      } else if (isOurLog) {
        Files.delete(log); // all that is in it has been copied, and it belongs to no file here
      } else {
        Files.move(log, free(log));
      }
    }
    Files.deleteIfExists(place.resolveSibling(place.getFileName() + "-shm"));
    StoreFile.syncFolder(place);
    return aside;
  }

  private static Path free(Path place) {
    Path aside = place.resolveSibling(place.getFileName() + ".replaced");
    for (int number = 2; Files.exists(aside, LinkOption.NOFOLLOW_LINKS); number++) {
      aside = place.resolveSibling(place.getFileName() + ".replaced." + number);
    }
    return aside;
  }
}
