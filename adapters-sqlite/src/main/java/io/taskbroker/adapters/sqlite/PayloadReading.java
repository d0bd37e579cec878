package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.SqliteErrors.Phase;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;

/** Reads payloads: those of many rows on the writer's connection, a large one beside it. */
final class PayloadReading {
  /** Reads a piece of a list. */
  @FunctionalInterface
  private interface Listing {
    TaskPage read() throws SQLException;
  }

  private static final String READ_PAYLOADS = "read payloads";

  private final WriterSlot slot;
  private final PayloadPool pool;
  private final FileTraffic traffic;
  private final FileKeeper keeper;
  private final JournalFailures failures;

  PayloadReading(
      WriterSlot slot,
      PayloadPool pool,
      FileTraffic traffic,
      FileKeeper keeper,
      JournalFailures failures) {
    this.slot = slot;
    this.pool = pool;
    this.traffic = traffic;
    this.keeper = keeper;
    this.failures = failures;
  }

  /** As {@link Journal#payloads}. */
  Map<Long, byte[]> payloads(Collection<Long> keys) {
    if (keys.isEmpty()) {
      failures.refuseAfterEnd();
      return Map.of();
    }
    traffic.groups().lock();
    try {
      failures.refuseAfterEnd();
      return slot.get().payloads(keys);
    } catch (SQLException e) {
      return payloadsOneByOne(keys, failures.failed(READ_PAYLOADS, e, Phase.READ));
    } finally {
      traffic.groups().unlock();
    }
  }

  /** So that what is wrong with one payload keeps nobody from the others. */
  private Map<Long, byte[]> payloadsOneByOne(Collection<Long> keys, JournalException together) {
    if (!SqliteErrors.isAboutRows(together)) {
      throw together;
    }
    slot.expectDamage();
    Map<Long, byte[]> payloads = HashMap.newHashMap(keys.size());
    Map<Long, String> unreadable = new HashMap<>();
    for (long key : keys) {
      try {
        payloads.putAll(slot.get().payloads(List.of(key)));
      } catch (SQLException e) {
        JournalException alone = failures.failed(READ_PAYLOADS, e, Phase.READ);
        if (!SqliteErrors.isAboutRows(alone)) {
          throw alone;
        }
        unreadable.put(key, String.valueOf(alone.getMessage()));
      }
    }
    if (unreadable.isEmpty()) {
      return payloads;
    }
    throw new JournalException.Unreadable(
        String.valueOf(together.getMessage()), together, unreadable);
  }

  /** As {@link Journal#page}. */
  TaskPage page(TaskFilter filter, long after, int limit) {
    return list(() -> pool.page(filter, after, limit));
  }

  /** As {@link Journal#parked}. */
  TaskPage parked(long after, int limit) {
    return list(() -> pool.parked(after, limit));
  }

  private TaskPage list(Listing listing) {
    failures.refuseAfterEnd();
    Lock reading = traffic.reading();
    reading.lock();
    try {
      TaskPage page = listing.read();
      keeper.refuseElsewhere();
      return page;
    } catch (SQLException e) {
      throw failures.failedToRead("list tasks", e);
    } finally {
      reading.unlock();
    }
  }

  /** As {@link Journal#largePayload}. */
  Optional<byte[]> largePayload(long key) {
    failures.refuseAfterEnd();
    Lock reading = traffic.reading();
    reading.lock();
    try {
      Optional<byte[]> payload = pool.payload(key);
      // The pool may have opened its connection just now, by a name that leads elsewhere.
      keeper.refuseElsewhere();
      return payload;
    } catch (SQLException e) {
      JournalException failure = failures.failedToRead(READ_PAYLOADS, e);
      if (SqliteErrors.isAboutRows(failure)) {
        slot.expectDamage();
        String reason = String.valueOf(failure.getMessage());
        throw new JournalException.Unreadable(reason, failure, Map.of(key, reason));
      }
      throw failure;
    } finally {
      reading.unlock();
    }
  }
}
