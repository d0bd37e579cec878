package io.taskbroker.adapters.postgres;

import io.taskbroker.inflight.JournalException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads payloads for the store's writer. Used by one thread at a time. */
final class PayloadReading {
  private static final String READ_PAYLOADS = "read payloads";

  private final WriterSession session;
  private final Membership membership;
  private final PayloadCache fresh;

  /**
   * @param fresh those that have come in lately, which are not read
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
    if (!stored.isEmpty()) {
      readPayloads(stored, payloads);
    }
    if (payloads.size() < keys.size()) {
      // The new owner of a row may have removed its payload.
      session.change("see whether this broker is deposed", membership::refuseIfDeposed);
    }
    return payloads;
  }

  /** So that what is wrong with one payload keeps nobody from the others. */
  private void readPayloads(List<Long> keys, Map<Long, byte[]> payloads) {
    try {
      payloads.putAll(stored(keys));
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
          Map<Long, byte[]> payloads = HashMap.newHashMap(keys.size());
          PreparedStatement select =
              session.prepared("SELECT key, bytes FROM taskbroker_payload WHERE key = ANY (?)");
          select.setArray(1, connection.createArrayOf("int8", keys.toArray(Long[]::new)));
          try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
              payloads.put(row.getLong(1), row.getBytes(2));
            }
          }
          return payloads;
        });
  }
}
