package io.taskbroker.adapters.http.brokers;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a list goes on in each broker, as one text. A broker that is not named has no more. */
final class Cursors {
  private Cursors() {}

  static String text(Map<String, Object> byBroker) {
    try {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(JSON.std.asBytes(byBroker));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does no I/O", e);
    }
  }

  /**
   * Cursors by broker; empty at the beginning of a list, where each broker is asked.
   *
   * @param after what was said; null, and 0, mean the beginning
   * @throws AllBrokers.UnknownCursor if it is no text of ours
   */
  static Optional<Map<String, Object>> read(@Nullable Object after) {
    if (after == null || "0".equals(String.valueOf(after))) {
      return Optional.empty();
    }
    Map<String, Object> byBroker = new LinkedHashMap<>();
    try {
      byte[] text =
          Base64.getUrlDecoder().decode(String.valueOf(after).getBytes(StandardCharsets.UTF_8));
      @Nullable Map<String, Object> read = JSON.std.mapFrom(text);
      if (read != null) { // it is, for the text 'null'
        byBroker.putAll(read);
      }
    } catch (IOException | IllegalArgumentException _) {
      throw new AllBrokers.UnknownCursor("no cursor");
    }
    boolean isCursor =
        byBroker.values().stream().allMatch(one -> one instanceof String || one instanceof Number);
    if (byBroker.isEmpty() || !isCursor) {
      throw new AllBrokers.UnknownCursor("no cursor");
    }
    return Optional.of(byBroker);
  }
}
