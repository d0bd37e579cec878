package io.taskbroker.adapters.postgres;

import io.taskbroker.inflight.JournalException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads payloads for the store's writer. While a backlog is worked off in order, it reads the next
 * ones with those that are asked for: otherwise each group would have a round trip for its own.
 * Used by one thread at a time.
 */
final class PayloadReading {
  private static final String READ_PAYLOADS = "read payloads";

  private static final String STORED =
      "SELECT key, bytes FROM taskbroker_payload WHERE key = ANY (?)";

  /** Payloads that are read ahead: as many as workers take in a few groups. */
  static final int NEXT = 256;

  /** Larger ones are read when they are asked for. */
  static final int LARGEST_NEXT_BYTES = 8 * 1024;

  private static final String STORED_AND_NEXT =
      """
      %s
      UNION ALL
      SELECT key, bytes
        FROM (SELECT key, bytes FROM taskbroker_payload WHERE key > ? ORDER BY key LIMIT %d) AS next
       WHERE octet_length(bytes) <= %d\
      """
          .formatted(STORED, NEXT, LARGEST_NEXT_BYTES);

  private final WriterSession session;
  private final Membership membership;
  private final PayloadCache fresh;
  private final Succession succession = new Succession();

  /**
   * @param fresh those that have come in lately, which are not read; given those that are read
   *     ahead
   */
  PayloadReading(WriterSession session, Membership membership, PayloadCache fresh) {
    this.session = session;
    this.membership = membership;
    this.fresh = fresh;
  }

  /** As {@link io.taskbroker.inflight.Journal#payloads}. */
  Map<Long, byte[]> read(Collection<Long> keys) {
    Map<Long, byte[]> payloads = HashMap.newHashMap(keys.size());
    List<Long> stored = new ArrayList<>(0);
    for (long key : keys) {
      byte[] payload = fresh.get(key);
      if (payload == null) {
        stored.add(key);
      } else {
        payloads.put(key, payload);
      }
    }
    boolean goesOn = !keys.isEmpty() && succession.goesOnWith(keys);
    if (!stored.isEmpty()) {
      readPayloads(stored, goesOn, payloads);
    }
    if (payloads.size() < keys.size()) {
      // The new owner of a row may have removed its payload.
      session.change("see whether this broker is deposed", membership::refuseIfDeposed);
    }
    return payloads;
  }

  /** So that what is wrong with one payload keeps nobody from the others. */
  private void readPayloads(List<Long> keys, boolean withNext, Map<Long, byte[]> payloads) {
    try {
      payloads.putAll(withNext ? storedAndNext(keys) : stored(keys));
      return;
    } catch (JournalException.NothingChanged e) {
      if (!PostgresErrors.isAboutRows(e)) {
        throw e;
      }
    }
    Map<Long, String> unreadable = new HashMap<>();
    JournalException last = null;
    for (long key : keys) {
      try {
        payloads.putAll(stored(List.of(key)));
      } catch (JournalException.NothingChanged e) {
        if (!PostgresErrors.isAboutRows(e)) {
          throw e;
        }
        last = e;
        unreadable.put(key, String.valueOf(e.getMessage()));
      }
    }
    if (last != null) {
      throw new JournalException.Unreadable(String.valueOf(last.getMessage()), last, unreadable);
    }
  }

  private Map<Long, byte[]> stored(List<Long> keys) {
    return session.run(
        READ_PAYLOADS,
        connection -> {
          PreparedStatement select = session.prepared(ByIndex.sql(STORED));
          select.setArray(1, connection.createArrayOf("int8", keys.toArray(Long[]::new)));
          return read(select);
        });
  }

  /** Keeps in memory what comes behind these keys; a payload never changes. */
  private Map<Long, byte[]> storedAndNext(List<Long> keys) {
    Map<Long, byte[]> read =
        session.run(
            READ_PAYLOADS,
            connection -> {
              PreparedStatement select = session.prepared(ByIndex.sql(STORED_AND_NEXT));
              select.setArray(1, connection.createArrayOf("int8", keys.toArray(Long[]::new)));
              select.setLong(2, Collections.max(keys));
              return read(select);
            });
    Map<Long, byte[]> asked = HashMap.newHashMap(keys.size());
    for (long key : keys) {
      byte[] payload = read.remove(key);
      if (payload != null) {
        asked.put(key, payload);
      }
    }
    read.forEach(fresh::put);
    return asked;
  }

  private static Map<Long, byte[]> read(PreparedStatement select) throws SQLException {
    Map<Long, byte[]> payloads = new LinkedHashMap<>();
    try (ResultSet row = ByIndex.rows(select)) {
      while (row.next()) {
        payloads.put(row.getLong(1), row.getBytes(2));
      }
    }
    return payloads;
  }
}
