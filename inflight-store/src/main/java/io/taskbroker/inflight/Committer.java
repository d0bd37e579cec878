package io.taskbroker.inflight;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.inflight.Writability.Kind;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.InflightEngine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what the engine has decided, in one transaction, and lets it be seen.
 *
 * <p>If it is not known whether a group was written, the journal is asked. Used by the writer's
 * thread; the view is for all.
 */
final class Committer {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Journal journal;
  private final InflightEngine engine;
  private final TimeSource time;
  private final Writability writability;
  private final EventSink<StoreEvent> metrics;
  private final Sparsely unknownLines;
  private long lastGroup;
  private volatile StoreView view = StoreView.EMPTY;

  Committer(
      Journal journal,
      InflightEngine engine,
      TimeSource time,
      Writability writability,
      EventSink<StoreEvent> metrics) {
    this.journal = journal;
    this.engine = engine;
    this.time = time;
    this.writability = writability;
    this.metrics = metrics;
    this.unknownLines = new Sparsely(time, Duration.ofMinutes(1));
  }

  /** The journal is read; groups are numbered on from its last one. */
  void begin() {
    lastGroup = journal.lastGroup();
    look();
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
      write(kind, changes, inserted, durability);
    }
    engine.settle();
    look(); // before the answers, so that whoever has one finds it counted
    if (writes) {
      wrote(kind, began);
    }
  }

  /** Tells the metrics, and whoever watches whether the store can write. */
  void wrote(Kind kind, long began) {
    metrics.count(new StoreEvent.Committed(Duration.ofNanos(time.nanos() - began)));
    writability.wrote(kind, time.now());
  }

  /**
   * Writes these changes as one group; the engine is left alone. One with a standing order survives
   * a power cut.
   *
   * @throws JournalException.NothingChanged if nothing was written
   * @throws JournalException.Final if nothing may be written any more
   */
  void write(Kind kind, Changes changes, Map<Long, byte[]> inserted, Durability durability) {
    try {
      apply(
          new JournalGroup(lastGroup + 1, changes, inserted),
          changes.orders().isEmpty() ? durability : Durability.POWER_CUT);
    } catch (JournalException.NothingChanged e) {
      if (e.extent() == Extent.FILE) {
        writability.failed(kind, String.valueOf(e.getMessage()), time.now());
      }
      throw e;
    }
  }

  private void apply(JournalGroup group, Durability durability) {
    try {
      journal.apply(group, durability);
      lastGroup = group.number();
    } catch (JournalException.NothingChanged | JournalException.Final e) {
      throw e;
    } catch (RuntimeException e) {
      long times = unknownLines.count(1);
      if (times > 0) {
        LOG.error(
            "It is not known whether a group was written; the journal is asked ({} times since the"
                + " last line)",
            times,
            e);
      }
      if (!isWritten(group, durability)) {
        throw new JournalException.NothingChanged(
            e.getMessage() + "; it was not written",
            e,
            e instanceof JournalException ? Extent.FILE : Extent.ROWS);
      }
    }
  }

  /** Asks the journal. A group that is there is made as durable as the caller wanted. */
  private boolean isWritten(JournalGroup group, Durability durability) {
    try {
      if (!journal.isWritten(group)) {
        return false;
      }
      lastGroup = group.number();
      if (durability == Durability.POWER_CUT) {
        journal.apply(new JournalGroup(lastGroup + 1, Changes.NONE, Map.of()), durability);
        lastGroup++;
      }
      return true;
    } catch (JournalException e) {
      throw new JournalException.Final(
          "It cannot be found out what was written: " + e.getMessage(), e);
    }
  }

  /** Updates the view to the engine as it is now, and tells the metrics what has ended. */
  void look() {
    List<EndedTask> ended = engine.takeEnded();
    if (!ended.isEmpty()) {
      metrics.count(new StoreEvent.Ended(ended));
    }
    view =
        new StoreView(
            engine.depths(),
            engine.totals(),
            engine.oldestDueMs(),
            engine.sweeps().lastExhausted(),
            engine.outliers());
  }

  /** The engine as it was after the last group. */
  StoreView view() {
    return view;
  }
}
