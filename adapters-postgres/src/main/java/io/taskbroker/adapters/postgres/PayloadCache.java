package io.taskbroker.adapters.postgres;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The payloads that came in last, up to a number of bytes: most tasks are handed out soon after,
 * and need not be read back then. Used by one thread.
 */
final class PayloadCache {
  static final long MOST_BYTES = 64L << 20;

  /** Of an entry, besides its payload. */
  private static final int OVERHEAD_BYTES = 100;

  private final Map<Long, byte[]> payloads = new LinkedHashMap<>();
  private long bytes;

  void put(long key, byte[] payload) {
    remove(key);
    payloads.put(key, payload);
    bytes += payload.length + OVERHEAD_BYTES;
    var eldest = payloads.entrySet().iterator();
    while (bytes > MOST_BYTES && eldest.hasNext()) {
      bytes -= eldest.next().getValue().length + OVERHEAD_BYTES;
      eldest.remove();
    }
  }

  byte @Nullable [] get(long key) {
    return payloads.get(key);
  }

  void remove(long key) {
    byte[] removed = payloads.remove(key);
    if (removed != null) {
      bytes -= removed.length + OVERHEAD_BYTES;
    }
  }

  void clear() {
    payloads.clear();
    bytes = 0;
  }
}
