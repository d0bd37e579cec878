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

  private static final Unread NOT_THERE = new Unread("its payload is not in the store", true);

  private final InflightEngine engine;
  private final Journal journal;
  private final Readability readability;
  private final EventSink<StoreEvent> metrics;
  private final Sparsely lines;

  /** Put aside by the group in progress, by key, and not said yet. */
  private final Map<Long, String> unsaid = new LinkedHashMap<>();

  /** Keys that no line has named. */
  private final List<Long> unnamed = new ArrayList<>();

  private String lastReason = "";

  PutAside(
      InflightEngine engine,
      Journal journal,
      Readability readability,
      EventSink<StoreEvent> metrics,
      TimeSource time) {
    this.lines = new Sparsely(time, Duration.ofMinutes(1));
    this.engine = engine;
    this.journal = journal;
    this.readability = readability;
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

  /** Whether nothing of this could be read, and the disk is to blame rather than the rows. */
  boolean isWholeFile(SmallPayloads small) {
    if (!small.payloads().isEmpty()) {
      readability.works();
      return false;
    }
    Map<Long, Unread> unread = small.unreadable();
    if (unread.isEmpty() || unread.values().stream().anyMatch(Unread::isDamage)) {
      return false;
    }
    Map.Entry<Long, Unread> first = unread.entrySet().iterator().next();
    return isInTrouble(first.getKey(), first.getValue());
  }

  /** Whether the disk answers for no other row either, so that nothing is known about this one. */
  private boolean isInTrouble(long key, Unread why) {
    boolean isTrouble = engine.othersThan(key, SAMPLES).stream().noneMatch(this::isAnswered);
    if (isTrouble) {
      readability.failed(why.reason());
    }
    return isTrouble;
  }

  /** Whether the disk answers for this row, if only that the row is damaged. */
  private boolean isAnswered(long key) {
    try {
      var _ = hasPayload(key);
      readability.works();
      return true;
    } catch (JournalException.NothingChanged e) {
      LOG.debug("Row {} cannot be read either", key, e);
      return false;
    } catch (JournalException.Unreadable e) {
      LOG.debug("Row {} is damaged", key, e);
      return true;
    }
  }

  /**
   * Looked at once more, as the trouble of a disk may have passed meanwhile. Of a server that is
   * not reached nothing is known about the row: it names the rows that it cannot read.
   */
  private boolean mayBeReadable(long key) {
    try {
      return hasPayload(key);
    } catch (JournalException.NothingChanged e) {
      LOG.debug("Row {} cannot be read still", key, e);
      return journal.sharing().isPresent();
    } catch (JournalException.Unreadable e) {
      LOG.debug("Row {} is damaged", key, e);
      return false;
    }
  }

  /** Read in the way in which it is read for whoever needs it, as the two may fail apart. */
  private boolean hasPayload(long key) {
    return LargePayloads.isLarge(engine.payloadBytes(key))
        ? journal.largePayload(key).isPresent()
        : journal.payloads(List.of(key)).containsKey(key);
  }

  /** Whether this payload alone cannot be read, while the disk answers for others. */
  boolean isToBlame(long key, Unread why) {
    return why.isDamage() || !(isInTrouble(key, why) || mayBeReadable(key));
  }

  /**
   * Takes the claims back whose payloads could not be read though the disk answers, and puts those
   * rows aside that still cannot.
   */
  void unreadable(SmallPayloads small, List<Claim> claims, Moment now) {
    for (Claim claim : claims) {
      boolean missing =
          !small.payloads().containsKey(claim.key()) && !LargePayloads.isLarge(claim.activation());
      if (missing) {
        Unread why = small.unreadable().getOrDefault(claim.key(), NOT_THERE);
        boolean isToBlame = why.isDamage() || !mayBeReadable(claim.key());
        boolean _ =
            isToBlame ? putAside(claim, why.reason(), now) : engine.claims().release(claim, now);
      }
    }
  }

  /**
   * As the other, of one claim that could not be delivered; for the writer's thread. While the disk
   * is in trouble others are tried before it.
   *
   * @return whether the claim was still good
   */
  boolean unreadable(Claim claim, JournalException failure, Moment now) {
    Unread why = Unread.of(failure);
    return isToBlame(claim.key(), why)
        ? putAside(claim, why.reason(), now)
        : engine.claims().brokeOff(claim, null, now);
  }

  private boolean putAside(Claim claim, String reason, Moment now) {
    return engine.claims().release(claim, now) && putAside(claim.key(), reason);
  }

  /**
   * As the other, of a row that was to leave.
   *
   * @return whether it was there
   */
  boolean unpublishable(long key, Unread why) {
    engine.outbox().giveBack(List.of(key));
    return isToBlame(key, why) && putAside(key, why.reason());
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

  /** Rows that were put aside are not any more. */
  void countAnew() {
    metrics.count(new StoreEvent.PutAside(engine.countPutAside()));
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
