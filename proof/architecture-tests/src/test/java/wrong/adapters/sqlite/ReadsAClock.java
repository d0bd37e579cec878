package wrong.adapters.sqlite;

import java.time.Instant;

/** Reads a clock. */
final class ReadsAClock {
  Instant time() {
    return Instant.now();
  }
}
