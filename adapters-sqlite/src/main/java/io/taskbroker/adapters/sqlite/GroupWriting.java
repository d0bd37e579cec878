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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes groups, also into a file that is damaged in places. Used by the writer. */
final class GroupWriting {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Path file;
  private final WriterSlot slot;
  private final JournalFailures failures;
  private final Sparsely untidyLines;
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

  /** The group is written, whatever becomes of this. */
  private void tidy(GroupWriter writing) {
    try {
      writing.removal().tidy();
    } catch (SQLException e) {
      long times = untidyLines.count(1);
      if (times > 0) {
        LOG.warn(
            "Payloads of finished tasks are left in {}: {} ({} times since the last line)",
            file,
            e.getMessage(),
            times);
      }
    }
  }
}
