package io.taskbroker.inflight;

import io.taskbroker.application.store.StoreMetrics;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Writability.Kind;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.InflightEngine;
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
   * Writes the engine's changes if it has any, and settles its group. Nothing foreign runs between
   * the two, so that the engine and the journal cannot disagree.
   *
   * @param inserted payloads of the rows that came in, by key
   * @param always whether it is written even without a change, so that it tells whether something
   *     can be written
   * @throws JournalException.NothingChanged if nothing was written; the engine is to be told
   * @throws JournalException.Final if nothing may be written any more
   */
  void commit(Kind kind, Map<Long, byte[]> inserted, Durability durability, boolean always) {
    Changes changes = engine.changes();
    boolean writes = always || !changes.isEmpty();
    long began = time.nanos();
    if (writes) {
      write(kind, new JournalGroup(changes, inserted), durability);
    }
    engine.settle();
    look(); // before the answers, so that whoever has one finds it counted
    if (writes) {
      metrics.committed(time.nanos() - began);
      writability.wrote(kind, time.now());
    }
  }

  private void write(Kind kind, JournalGroup group, Durability durability) {
    try {
      writeOrAsk(group, durability);
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
