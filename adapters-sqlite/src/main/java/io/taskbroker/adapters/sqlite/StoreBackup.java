package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.FileInspection.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Copies a store while its broker runs, from a process of its own: as it was at one moment, between
 * two groups of changes.
 *
 * <p>The copy reads one snapshot, and until it is done the broker's log cannot begin anew. So its
 * time is limited: the broker keeps working meanwhile, and cuts the log afterwards.
 */
public final class StoreBackup {
  /** A copy that has not begun yet does not hear that it is too late. */
  private static final long AGAIN_MS = 10;

  private StoreBackup() {}

  /**
   * Writes a new file, whole or not at all. It is a store that a broker can be started on.
   *
   * @param limit after which it is given up
   * @return bytes of the copy
   * @throws UnusableFileException if the file is not sound, the copy is there already, cannot be
   *     written, or takes longer than {@code limit}
   */
  public static long write(Path store, Path out, Duration limit) {
    Connections.loadLibrary();
    Path file = StoppedStore.existing(store);
    AtomicBoolean late = new AtomicBoolean();
    try (NewFile target = NewFile.begin(out)) {
      if (new FileInspection(file).inspect() == Finding.NOTHING) {
        throw new UnusableFileException(file + " is empty: there is nothing to copy.");
      }
      FileMode.of(file).create(target.draft());
      copy(file, target.draft(), limit, late);
      target.finish();
      return Files.size(target.place());
    } catch (SQLException | IOException e) {
      if (late.get()) {
        throw new UnusableFileException(
            "The copy of %s was not done within %d s and was given up, as it keeps the broker's log from being cut. Give it more time with --within, or a faster disk for %s."
                .formatted(file, limit.toSeconds(), out),
            e);
      }
      throw new UnusableFileException(
          "%s cannot be copied to %s: %s. %s."
              .formatted(
                  file,
                  out,
                  e.getMessage(),
                  DamageReport.remedy(
                      e, file, "See that the disk is not full and its folder can be written to")),
          e);
    }
  }

  private static void giveUp(PreparedStatement copy, AtomicBoolean late) {
    late.set(true);
    try {
      copy.cancel();
    } catch (SQLException e) {
      throw new IllegalStateException("a copy that takes too long cannot be ended", e);
    }
  }

  /** A log that was not there before is gone again when the last of its readers closes. */
  private static Connection open(Path file) throws SQLException {
    return Files.exists(LogSync.of(file))
        ? Readers.openForReading(file)
        : Readers.openForReadingAndTidying(file);
  }

  private static void copy(Path file, Path draft, Duration limit, AtomicBoolean late)
      throws SQLException {
    try (Connection connection = open(file);
        PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?");
        ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("backup-limit").factory())) {
      var _ =
          clock.scheduleWithFixedDelay(
              () -> giveUp(vacuum, late), limit.toMillis(), AGAIN_MS, TimeUnit.MILLISECONDS);
      try {
        vacuum.setString(1, draft.toString());
        vacuum.execute();
      } finally {
        clock.shutdownNow();
      }
    }
  }
}
