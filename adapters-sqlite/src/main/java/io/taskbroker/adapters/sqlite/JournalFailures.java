package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.SqliteErrors.Phase;
import io.taskbroker.inflight.JournalException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a failure means for an open journal, and whether it has ended. Safe for all threads. */
final class JournalFailures {
  private final Path file;
  private final SqliteErrors errors;
  private final WriterSlot slot;
  private final Checkpoints checkpoints;
  private final FileKeeper keeper;
  private volatile JournalException.@Nullable Final end;
  private volatile boolean closed;

  JournalFailures(
      Path file, SqliteErrors errors, WriterSlot slot, Checkpoints checkpoints, FileKeeper keeper) {
    this.file = file;
    this.errors = errors;
    this.slot = slot;
    this.checkpoints = checkpoints;
    this.keeper = keeper;
  }

  /** Translates a failure on the writer's connection, which is given up. */
  JournalException failed(String action, SQLException e, Phase phase) {
    JournalException translated = errors.translate(action, e, phase);
    if (SqliteErrors.isFull(e)) {
      checkpoints.makeRoom();
    }
    if (!(translated instanceof JournalException.Final)) {
      slot.giveUp(translated);
    }
    return endedIfFinal(translated);
  }

  /** Translates a failure to read beside the writer. */
  JournalException failedToRead(String action, SQLException e) {
    return endedIfFinal(errors.translate(action, e, Phase.READ));
  }

  /**
   * For a failure of what may be left undone.
   *
   * @throws JournalException.Final if nothing may be relied on after it
   */
  void endIfFinal(String action, SQLException e) {
    if (errors.translate(action, e, Phase.UPKEEP) instanceof JournalException.Final last) {
      throw ended(last);
    }
  }

  private JournalException endedIfFinal(JournalException e) {
    return e instanceof JournalException.Final last ? ended(last) : e;
  }

  /** Nothing may be relied on after this. */
  JournalException.Final ended(JournalException.Final last) {
    end = last;
    return last;
  }

  /** Whether a failure has ended the journal. */
  boolean haveEndedIt() {
    return last() != null;
  }

  private JournalException.@Nullable Final last() {
    return end != null ? end : checkpoints.failure();
  }

  /** Returns whether this is the first time. */
  boolean close() {
    boolean isFirst = !closed;
    closed = true;
    return isFirst;
  }

  /** Throws if nothing may be written or read any more, or for now. */
  void refuseAfterEnd() {
    JournalException.Final last = last();
    if (last != null) {
      throw last;
    }
    keeper.refuse();
    if (closed) {
      throw new IllegalStateException(file + " is closed");
    }
  }
}
