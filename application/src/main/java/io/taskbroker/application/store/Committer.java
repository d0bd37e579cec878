package io.taskbroker.application.store;

import io.taskbroker.application.store.Writability.Kind;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.engine.Changes;
import io.taskbroker.domain.engine.InflightEngine;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what the engine has decided, in one transaction, and lets it be seen.
 *
 * <p>If it is not known whether a group was written the journal is read once more, and tells. Used
 * by the writer's thread; the view is for all.
 */
final class Committer {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private static final JournalGroup NO_CHANGE =
      new JournalGroup(new Changes(List.of(), List.of(), List.of(), Map.of()), Map.of());

  private final Journal journal;
  private final InflightEngine engine;
  private final TimeSource time;
  private final Writability writability;
  private final StoreMetrics metrics;
  private volatile StoreView view = StoreView.EMPTY;

  Committer(
      Journal journal,
      InflightEngine engine,
      TimeSource time,
      Writability writability,
      StoreMetrics metrics) {
    this.journal = journal;
    this.engine = engine;
    this.time = time;
    this.writability = writability;
    this.metrics = metrics;
  }

  /**
   * Writes the engine's changes if it has any, and settles its group.
   *
   * @param inserted payloads of the rows that came in, by key
   * @throws JournalException.NothingChanged if nothing was written; the engine is to be told
   * @throws JournalException.Final if nothing may be written any more
   */
  void commit(Kind kind, Map<Long, byte[]> inserted, Durability durability) {
    Changes changes = engine.changes();
    if (!changes.isEmpty()) {
      long began = time.nanos();
      write(kind, new JournalGroup(changes, inserted), durability);
      metrics.committed(time.nanos() - began);
    }
    engine.settle();
    look(); // before the answers, so that whoever has one finds it counted
  }

  /**
   * Finds out, by a group without a change, whether something can be written.
   *
   * @throws JournalException.NothingChanged if not
   */
  void tryWriting() {
    write(Kind.GROUP, NO_CHANGE, Durability.PROCESS_CRASH);
  }

  private void write(Kind kind, JournalGroup group, Durability durability) {
    try {
      writeOrAsk(group, durability);
      writability.wrote(kind, time.now());
    } catch (JournalException.NothingChanged e) {
      writability.failed(kind, String.valueOf(e.getMessage()), time.now());
      throw e;
    }
  }

  private void writeOrAsk(JournalGroup group, Durability durability) {
    try {
      journal.apply(group, durability);
    } catch (JournalException.Unknown e) {
      LOG.error("It is not known whether the last group was written; the journal is asked", e);
      if (!new DoubtfulGroup(group.changes()).isWritten(journal, durability)) {
        throw new JournalException.NothingChanged(e.getMessage() + "; it was not written", e);
      }
    }
  }

  /** Lets others see the engine as it is now. */
  void look() {
    view = new StoreView(engine.depths(), engine.totals(), engine.oldestDueMs());
  }

  /** The engine as it was after the last group. */
  StoreView view() {
    return view;
  }
}
