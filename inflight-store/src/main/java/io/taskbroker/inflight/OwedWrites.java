package io.taskbroker.inflight;

import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.Writability.Kind;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.InflightEngine;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has happened to rows that the journal refused to write: Kafka has acknowledged such a row's
 * record, for example. The rows are put aside meanwhile, so nothing else happens to them. Each
 * write is tried again once a minute, and a last time when the store closes: without it the next
 * process would do that work a second time. Used by the writer's thread.
 */
final class OwedWrites {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private static final Duration REST = Duration.ofMinutes(1);

  /** Of one turn; each is a transaction of its own, about a millisecond. */
  private static final int MOST_AT_ONCE = 8;

  private final InflightEngine engine;
  private final Committer committer;
  private final PutAside putAside;

  /** By key, the one change of that row. */
  private final Map<Long, Changes> owed = new LinkedHashMap<>();

  private @Nullable Moment restsUntil;

  OwedWrites(InflightEngine engine, Committer committer, PutAside putAside) {
    this.engine = engine;
    this.committer = committer;
    this.putAside = putAside;
  }

  /** The journal has just refused these; by key. */
  void add(Map<Long, Changes> refused, Moment now) {
    if (!refused.isEmpty()) {
      owed.putAll(refused);
      restsUntil = now.plus(REST);
    }
  }

  /** Tries some again, if it is time to. */
  void retry(Moment now) {
    if (!owed.isEmpty() && (restsUntil == null || !now.isBefore(restsUntil))) {
      restsUntil = null;
      int written = 0;
      for (long key : owed.keySet().stream().limit(MOST_AT_ONCE).toList()) {
        if (write(key)) {
          written++;
        } else {
          restsUntil = now.plus(REST);
        }
      }
      if (written > 0) {
        takeUp(written);
      }
    }
  }

  /** Tries each of them a last time. */
  void retryLast() {
    owed.keySet().stream().toList().forEach(this::write);
  }

  private boolean write(long key) {
    Changes change = owed.remove(key);
    if (change == null) {
      return true;
    }
    try {
      committer.write(Kind.GROUP, change, Cargo.NONE, Durability.PROCESS_CRASH);
      engine.takeUp(List.of(key));
      return true;
    } catch (JournalException.NothingChanged e) {
      LOG.debug("Row {} cannot be written still", key, e);
      owed.put(key, change); // behind the others, which have their turn first
      return false;
    } catch (JournalException.Outdated e) {
      LOG.debug("Row {} is read again", key, e);
      committer.startOver();
      return false;
    }
  }

  /** The rows are not here any more; whoever has them finds them as they were. */
  void forget(Predicate<Changes> which) {
    owed.values().removeIf(which);
  }

  /** What they are due for now may change them again, which is part of the next group. */
  private void takeUp(int written) {
    try {
      committer.commit(Kind.GROUP, Cargo.NONE, Durability.PROCESS_CRASH, false);
    } catch (JournalException.Outdated e) {
      engine.undo();
      LOG.debug("Rows that were written stay aside", e);
      committer.startOver();
    } catch (JournalException.NothingChanged e) {
      engine.undo(); // they stay aside until the next start, which finds them as they are
      LOG.debug("Rows that were written stay aside", e);
    }
    putAside.countAnew();
    LOG.info(
        "{} rows of the store that had been refused are written now; {} are left",
        written,
        owed.size());
  }
}
