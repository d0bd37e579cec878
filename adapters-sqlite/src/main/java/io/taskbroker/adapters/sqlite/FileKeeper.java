package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.FileWatch.Change;
import io.taskbroker.adapters.sqlite.FileWatch.Whereabouts;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.JournalException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a restart finds what is stored, whatever people and tools do to the files of a
 * running broker.
 *
 * <p>From the moment on that a change is seen nothing is written any more, and nothing that came in
 * is reported as safe. The rows are written back to their place if they have lost it; that is tried
 * until it succeeds, as the rows would be gone with this process. Then the journal has ended. Turns
 * are taken by the checkpoint thread; {@link #refuse} and {@link #awaitEnd} are for all threads.
 */
final class FileKeeper {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private static final Duration TRIED_AGAIN_AFTER = Duration.ofSeconds(3);

  private final Path file;
  private final FileWatch watch;
  private final WriteBack writeBack;
  private final FileTraffic traffic;
  private final OpenFiles openFiles;
  private final TimeSource time;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Consumer<JournalException.Final> listener = _ -> {};
  private volatile JournalException.@Nullable NothingChanged held;
  private volatile JournalException.@Nullable Final end;
  private @Nullable Change change;
  private @Nullable Moment tried;
  private String lastFailure = "";

  /** The files by connections that were opened before any change. */
  interface OpenFiles {
    /** To all rows. {@link FileTraffic#groups} is held. */
    Connection rows();

    /** Whether another process has written to the database. {@link FileTraffic#groups} is held. */
    boolean writtenByOthers() throws SQLException;
  }

  /**
   * @param configured how the file is named
   * @param mode of a file that is written back
   */
  FileKeeper(
      Path configured,
      FileMode mode,
      FileWatch watch,
      FileTraffic traffic,
      OpenFiles openFiles,
      TimeSource time) {
    this.file = configured.toAbsolutePath().normalize();
    this.watch = watch;
    this.writeBack = new WriteBack(configured, watch, mode);
    this.traffic = traffic;
    this.openFiles = openFiles;
    this.time = time;
  }

  /** Has this told once when the journal has ended for such a reason. */
  void whenEnded(Consumer<JournalException.Final> told) {
    listener = told;
  }

  /** Tells the listener of a failure that was met elsewhere on the checkpoint thread. */
  void tell(JournalException.Final last) {
    listener.accept(last);
  }

  /** Throws if the files are no longer what they were. */
  void refuse() {
    JournalException refusal = refusal();
    if (refusal != null) {
      throw refusal;
    }
  }

  @Nullable JournalException refusal() {
    JournalException last = end;
    return last == null ? held : last;
  }

  /**
   * Throws if the file's name leads elsewhere: what is opened or was read by that name is not the
   * store. Asked where waiting for the next look could hand out what belongs to another file.
   */
  void refuseElsewhere() {
    refuse();
    try {
      if (!watch.isInPlace()) {
        throw new JournalException.NothingChanged(
            file + " is another file by now", new IOException("another file"));
      }
    } catch (IOException e) {
      throw new JournalException.NothingChanged(file + " cannot be looked at: " + e, e);
    }
  }

  /** The checkpoint thread has written to the database. */
  void databaseWritten() {
    try {
      watch.databaseWritten();
    } catch (IOException e) {
      LOG.debug("{} cannot be looked at", file, e); // the next look says so
    }
  }

  /**
   * Looks, and does what is to be done.
   *
   * @param logIsCut whether the log is shorter than what was written to it
   * @return whether the files may still be used
   */
  boolean turn(boolean logIsCut) {
    if (end != null) {
      return false;
    }
    Change seen = change;
    if (seen == null) {
      seen = look(logIsCut);
      if (seen == null) {
        return held == null;
      }
      change = seen;
      hold(seen);
    }
    Moment last = tried;
    if (last == null || last.plus(TRIED_AGAIN_AFTER).isBefore(time.now())) {
      tried = time.now();
      end(seen);
    }
    return false;
  }

  private @Nullable Change look(boolean logIsCut) {
    try {
      Change seen = watch.look(logIsCut);
      held = null;
      return seen == null ? writtenByOthers() : seen;
    } catch (IOException e) {
      if (held == null) {
        LOG.error(
            "{} cannot be looked at: {}. Nothing is taken in until the broker's user may enter its"
                + " folder",
            file,
            e.toString());
        held = new JournalException.NothingChanged(file + " cannot be looked at: " + e, e);
      }
      return null;
    }
  }

  private @Nullable Change writtenByOthers() {
    traffic.groups().lock();
    try {
      return openFiles.writtenByOthers()
          ? new Change(
              file + " was written to by another program, of which this broker knows nothing",
              Whereabouts.IN_PLACE)
          : null;
    } catch (SQLException e) {
      LOG.debug("{} could not be asked who has written to it", file, e);
      return null;
    } finally {
      traffic.groups().unlock();
    }
  }

  private void hold(Change seen) {
    traffic.groups().lock();
    try {
      held =
          new JournalException.NothingChanged(
              seen.what() + ". Nothing is written any more, and the broker is about to stop.",
              new IOException(seen.what()));
    } finally {
      traffic.groups().unlock();
    }
    LOG.error("{}. Nothing is taken in any more. {}", seen.what(), remedy(seen.whereabouts()));
  }

  private String remedy(Whereabouts whereabouts) {
    return switch (whereabouts) {
      case IN_PLACE ->
          "What is stored is in its place. The broker stops: start it again, and let no other"
              + " program write to or remove the files of a running broker";
      case IN_OPEN_FILES ->
          "What is stored is written back to "
              + file
              + ", and what stands there is kept beside it. Then the broker stops: start it again."
              + " To use another file instead, stop the broker first";
      case PARTLY_LOST ->
          "What can still be read is written back to "
              + file
              + ", and what stands there is kept beside it. Then the broker stops: start it again,"
              + " and set the group back if tasks are missing";
    };
  }

  private void end(Change seen) {
    traffic.groups().lock();
    try {
      String outcome =
          seen.whereabouts() == Whereabouts.IN_PLACE
              ? ""
              : words(writeBack.run(openFiles.rows(), seen.whereabouts()));
      JournalException.Final last =
          new JournalException.Final(
              seen.what() + "." + outcome + " Start the broker again.",
              new IOException(seen.what()));
      end = last;
      ended.countDown();
      listener.accept(last);
    } catch (SQLException | IOException | UnusableFileException e) {
      String failure = String.valueOf(e.getMessage());
      if (failure.equals(lastFailure)) {
        return;
      }
      lastFailure = failure;
      LOG.error(
          "What is stored could not be written back to {} yet: {}. It is in this process only, which"
              + " tries again: make its folder writable, with room for it, and do not end the process",
          file,
          failure);
    } finally {
      traffic.groups().unlock();
    }
  }

  private static String words(WriteBack.Outcome outcome) {
    String aside =
        outcome.aside() == null ? "" : " The file that stood there is now " + outcome.aside() + ".";
    String lost =
        outcome.lost() == 0
            ? ""
            : " At least %d tasks could not be read any more.".formatted(outcome.lost());
    return " What was stored has been written back to " + outcome.place() + "." + aside + lost;
  }

  /** Waits until it is decided whether what is stored has its place again. */
  void awaitEnd() {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
