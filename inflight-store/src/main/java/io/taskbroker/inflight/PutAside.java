package io.taskbroker.inflight;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.InflightEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts rows aside that cannot be read or written, so that they stand in nobody's way. The next
 * start tries them again. Used by the writer's thread.
 */
final class PutAside {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** A line is read by people. */
  private static final int MOST_NAMED = 20;

  /** Other rows that are read to find out whether any can be. */
  private static final int SAMPLES = 4;

  private final InflightEngine engine;
  private final Journal journal;
  private final EventSink<StoreEvent> metrics;
  private final Sparsely lines;

  /** Put aside by the group in progress, by key, and not said yet. */
  private final Map<Long, String> unsaid = new LinkedHashMap<>();

  /** Keys that no line has named. */
  private final List<Long> unnamed = new ArrayList<>();

  private String lastReason = "";

  PutAside(InflightEngine engine, Journal journal, EventSink<StoreEvent> metrics, TimeSource time) {
    this.lines = new Sparsely(time, Duration.ofMinutes(1));
    this.engine = engine;
    this.journal = journal;
    this.metrics = metrics;
  }

  /** A new group begins; what the one before it has not settled is taken back. */
  void begin() {
    unsaid.clear();
  }

  /** Reads small payloads; one that is not there counts as unreadable. */
  SmallPayloads read(List<Long> keys) {
    return new SmallPayloads(journal).read(keys);
  }

  /** Whether nothing could be read, and none of the other rows' payloads can be either. */
  boolean isWholeFile(SmallPayloads small) {
    return small.payloads().isEmpty()
        && small.unreadable().keySet().stream().findFirst().map(this::isWholeFile).orElse(false);
  }

  private boolean isWholeFile(long unreadable) {
    List<Long> others = engine.othersThan(unreadable, SAMPLES);
    return !others.isEmpty() && others.stream().noneMatch(this::isReadable);
  }

  private boolean isReadable(long key) {
    try {
      return journal.largePayload(key).isPresent();
    } catch (JournalException.NothingChanged | JournalException.Unreadable e) {
      LOG.debug("Row {} cannot be read either", key, e);
      return false;
    }
  }

  /** Takes the claims back whose payloads could not be read, and puts their rows aside. */
  void unreadable(SmallPayloads small, List<Claim> claims, Moment now) {
    for (Claim claim : claims) {
      boolean missing =
          !small.payloads().containsKey(claim.key()) && !LargePayloads.isLarge(claim.activation());
      if (missing) {
        putAside(
            claim,
            small.unreadable().getOrDefault(claim.key(), "its payload is not in the store"),
            now);
      }
    }
  }

  /**
   * As the other, of one claim that could not be delivered; for the writer's thread.
   *
   * @return whether the claim was still good
   */
  boolean unreadable(Claim claim, JournalException failure, Moment now) {
    boolean isAlone = failure instanceof JournalException.Unreadable || !isWholeFile(claim.key());
    String reason = String.valueOf(failure.getMessage());
    return isAlone ? putAside(claim, reason, now) : engine.claims().release(claim, now);
  }

  private boolean putAside(Claim claim, String reason, Moment now) {
    return engine.claims().release(claim, now) && putAside(claim.key(), reason);
  }

  /**
   * As the other, of a row that was to leave.
   *
   * @return whether it was there
   */
  boolean unpublishable(long key, String reason) {
    engine.outbox().giveBack(List.of(key));
    return !isWholeFile(key) && putAside(key, reason);
  }

  /** The engine breaks on this row. */
  void unusable(long key, String reason) {
    boolean _ = putAside(key, reason);
  }

  void unwritable(Map<Long, String> reasons) {
    reasons.forEach(this::putAside);
  }

  private boolean putAside(long key, String reason) {
    boolean done = engine.putAside(key, reason);
    if (done) {
      unsaid.put(key, reason);
    }
    return done;
  }

  /** The group is settled: people are told, once a minute. */
  void say() {
    if (!unsaid.isEmpty()) {
      metrics.count(new StoreEvent.PutAside(engine.countPutAside()));
      unnamed.addAll(unsaid.keySet());
      unsaid.values().forEach(reason -> lastReason = reason);
    }
    long rows = lines.count(unsaid.size());
    unsaid.clear();
    if (rows > 0) {
      LOG.error(
          "Row {} of the store is put aside until the next start, and everything else goes on: {}"
              + " ({} such rows since the last line: {})",
          unnamed.getLast(),
          lastReason,
          rows,
          unnamed.subList(0, Math.min(unnamed.size(), MOST_NAMED)));
      unnamed.clear();
    }
  }
}
