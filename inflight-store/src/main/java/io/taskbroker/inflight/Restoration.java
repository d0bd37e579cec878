package io.taskbroker.inflight;

import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.Writability.Kind;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills the engine from the journal, once, before the writer's thread begins. */
final class Restoration {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** A line is read by people. */
  private static final int MOST_NAMED = 20;

  private final Journal journal;
  private final InflightEngine engine;
  private final Committer committer;
  private final Answers answers;

  Restoration(Journal journal, InflightEngine engine, Committer committer, Answers answers) {
    this.journal = journal;
    this.engine = engine;
    this.committer = committer;
    this.answers = answers;
  }

  void run(Moment now) {
    engine.begin(now);
    engine.restoreOrders(journal.orders());
    List<Long> needless = new ArrayList<>();
    journal.load(
        engine::restorePositions,
        row -> {
          long key = engine.restore(row, now);
          if (key != 0) {
            needless.add(key);
          }
        });
    engine.arrivals().startAbove(journal.lastKey());
    committer.begin();
    if (!needless.isEmpty()) {
      remove(needless);
    }
    tell(engine.outbox().takeInDoubt(), answers, now);
  }

  /** Kafka has the records of these rows, which have come, or may have them. */
  static void tell(List<Long> inDoubt, Answers answers, Moment now) {
    for (long key : inDoubt) {
      answers.tell(
          new Fact(
              StoreCall.OTHER,
              now,
              new Subject.OfRow(Subject.Event.IN_DOUBT, key, 0),
              (engine, later) -> engine.outbox().settle(key, "the broker ended meanwhile", later)));
    }
  }

  private void remove(List<Long> needless) {
    LOG.warn(
        "{} rows of the store had the id of another row and are removed; the finished row of an id"
            + " stays, or else the first: keys {}",
        needless.size(),
        needless.stream().limit(MOST_NAMED).toList());
    committer.write(
        Kind.GROUP,
        new Changes(List.of(), List.of(), needless, Map.of()),
        Cargo.NONE,
        Durability.PROCESS_CRASH);
  }
}
