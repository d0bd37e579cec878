package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.SqliteErrors.Phase;
import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes groups, also into a file that is damaged in places. Used by the writer. */
final class GroupWriting {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /**
   * From so many on, progress is deleted that has outlived its rows, though calls may wait for it.
   * It lies on other pages than they do, and a group that ends a few tasks would write those pages,
   * too.
   */
  static final int MANY_OUTLIVED = 8_192;

  /** As many are deleted together: that takes less than a millisecond. */
  static final int OUTLIVED_AT_A_TIME = 512;

  private final Path file;
  private final WriterSlot slot;
  private final JournalFailures failures;
  private final Sparsely untidyLines;

  /** Keys of rows that are gone, and whose progress is not yet. */
  private final List<Long> outlived = new ArrayList<>();

  private boolean payloadsReplaced;

  GroupWriting(Path file, WriterSlot slot, JournalFailures failures, TimeSource time) {
    this.file = file;
    this.slot = slot;
    this.failures = failures;
    this.untidyLines = new Sparsely(time, Duration.ofMinutes(1));
  }

  /** Writes a group as one transaction; returns how many bytes of payload came in. */
  long write(JournalGroup group, Durability durability) {
    Phase phase = Phase.UPKEEP;
    try {
      GroupWriter writing = slot.get();
      try {
        writing.begin(durability);
        long payloadBytes = writing.write(group);
        writing.commit();
        outlived.addAll(group.changes().deleted());
        tidy(writing);
        return payloadBytes;
      } finally {
        phase = writing.phase();
      }
    } catch (SQLException e) {
      JournalException failure = failures.failed("write a group of changes", e, phase);
      if (phase == Phase.CHANGE && SqliteErrors.isDamage(e) && slot.expectDamage()) {
        return write(group, durability); // now without deleting what lies beside the damage
      }
      if (phase == Phase.INSERT && SqliteErrors.isDamage(e) && !payloadsReplaced) {
        payloadsReplaced = true;
        slot.expectDamage();
        replacePayloads();
        return write(group, durability);
      }
      throw failure;
    } catch (JournalException.Final e) {
      throw e;
    } catch (RuntimeException e) {
      slot.giveUp(e);
      throw e;
    }
  }

  /** Once in a process: if that does not help, the damage is elsewhere. */
  private void replacePayloads() {
    try {
      LOG.warn("{} is damaged where new payloads go; all that can be read are moved", file);
      slot.get().replacePayloads();
    } catch (SQLException e) {
      throw failures.failed("move the payloads away from damage", e, Phase.UPKEEP);
    }
  }

  /** These were left by an earlier process. */
  void outlived(List<Long> keys) {
    outlived.addAll(keys);
  }

  /** The group is written, whatever becomes of this. */
  private void tidy(GroupWriter writing) {
    try {
      writing.removal().tidy();
      while (outlived.size() >= MANY_OUTLIVED) {
        deleteOutlived(writing, OUTLIVED_AT_A_TIME);
      }
    } catch (SQLException e) {
      untidy(e);
    }
  }

  /** Whether there is something to delete while nothing waits. */
  boolean isUntidy() {
    return outlived.size() >= OUTLIVED_AT_A_TIME;
  }

  /** Deletes a piece of the progress that has outlived its rows. */
  void tidySome() {
    try {
      deleteOutlived(slot.get(), OUTLIVED_AT_A_TIME);
    } catch (SQLException e) {
      untidy(e);
    } catch (JournalException.Final e) {
      throw e;
    } catch (RuntimeException e) {
      slot.giveUp(e);
      throw e;
    }
  }

  private void untidy(SQLException e) {
    failures.endIfFinal("delete what finished tasks have left", e);
    long times = untidyLines.count(1);
    if (times > 0) {
      LOG.warn(
          "What finished tasks have left is still in {}: {} ({} times since the last line)",
          file,
          e.getMessage(),
          times);
    }
  }

  /** In a damaged file it stays: the damage may lie beside it. */
  private void deleteOutlived(GroupWriter writing, int most) throws SQLException {
    if (slot.isDamaged()) {
      outlived.clear();
      return;
    }
    List<Long> first = outlived.subList(0, Math.min(most, outlived.size()));
    List<Long> keys = List.copyOf(first);
    try {
      writing.deleteOutlived(keys);
    } catch (SQLException e) {
      if (SqliteErrors.isDamage(e)) {
        first.clear(); // or else they stay for the next time
      }
      throw e;
    }
    first.clear();
  }

  /** Nothing more is written: the file is left as small as it can be. */
  void close() {
    try {
      if (!outlived.isEmpty()) {
        deleteOutlived(slot.get(), outlived.size());
      }
    } catch (SQLException | RuntimeException e) {
      LOG.debug("Progress that has outlived its rows is left in {} for the next start", file, e);
    }
  }
}
