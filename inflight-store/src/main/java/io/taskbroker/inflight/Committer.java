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
  private final Doubt doubt;
  private long lastGroup;
  private Runnable whenGroupsMayBeLost = () -> {};
  private Runnable whenStartedOver = () -> {};
  private volatile StoreView view = StoreView.EMPTY;

  Committer(
      Journal journal,
      InflightEngine engine,
      TimeSource time,
      Writability writability,
      EventSink<StoreEvent> metrics,
      Doubt doubt) {
    this.doubt = doubt;
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
   * @param cargo what is written with them
   * @param always whether it is written even without a change, so that it tells whether something
   *     can be written
   * @throws JournalException.NothingChanged if nothing was written; the engine is to be told
   * @throws JournalException.Outdated if nothing was written, and {@link #startOver} is to be
   *     called once the engine has been told
   * @throws JournalException.Duplicates if nothing was written; the engine is to be told
   * @throws JournalException.Final if nothing may be written any more
   */
  void commit(Kind kind, Cargo cargo, Durability durability, boolean always) {
    Changes changes = engine.changes();
    boolean writes = always || cargo.isToBeWritten() || !changes.isEmpty();
    long began = time.nanos();
    if (writes) {
      write(kind, changes, cargo, durability);
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
  void write(Kind kind, Changes changes, Cargo cargo, Durability durability) {
    try {
      apply(
          new JournalGroup(
              lastGroup + 1, changes, cargo.payloads(), cargo.settledReports(), cargo.givenUp()),
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
    } catch (JournalException.NothingChanged
        | JournalException.Duplicates
        | JournalException.Outdated
        | JournalException.Final e) {
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
      if (!engine.share().isWhole()) {
        whenGroupsMayBeLost.run();
      }
      if (!doubt.settle(() -> isWritten(group, durability))) {
        throw new JournalException.NothingChanged(
            e.getMessage() + "; it was not written",
            e,
            e instanceof JournalException ? Extent.FILE : Extent.ROWS);
      }
    }
  }

  /** Asks the journal. A group that is there is made as durable as the caller wanted. */
  private boolean isWritten(JournalGroup group, Durability durability) {
    if (!journal.isWritten(group)) {
      if (!engine.share().isWhole() && journal.lastGroup() < lastGroup) {
        throw new JournalException.Outdated(
            "The journal has lost groups that it had acknowledged", null);
      }
      return false;
    }
    lastGroup = group.number();
    if (engine.share().isWhole() && durability == Durability.POWER_CUT) {
      journal.apply(new JournalGroup(lastGroup + 1, Changes.NONE, Map.of()), durability);
      lastGroup++;
    }
    return true;
  }

  /**
   * Has this run before a journal that brokers share is asked for its last group: what it has lost
   * counts as acknowledged no more from its answer on.
   */
  void whenGroupsMayBeLost(Runnable told) {
    whenGroupsMayBeLost = told;
  }

  /** Has this run at the end of each {@link #startOver}. */
  void whenStartedOver(Runnable told) {
    whenStartedOver = told;
  }

  /**
   * The journal is behind what it had acknowledged, so the engine knows what nobody else does. It
   * forgets everything; the rows have to come from the journal again.
   *
   * @throws JournalException.Final if the journal does not say where it stands
   */
  void startOver() {
    LOG.warn(
        "The journal has lost the last of the {} groups that it had acknowledged: its server has"
            + " crashed, or another one has taken its place. All rows are read again. Tasks of the"
            + " moments before may run again; none is lost that was taken in, as long as nothing"
            + " was lost that was synced",
        lastGroup);
    whenGroupsMayBeLost.run();
    lastGroup = doubt.settle(journal::lastGroup);
    engine.share().forgetEverything();
    whenStartedOver.run();
    look();
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
