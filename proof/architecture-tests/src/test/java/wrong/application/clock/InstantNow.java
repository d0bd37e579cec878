package wrong.application.clock;

import java.time.Instant;

/** Reads a clock. */
final class InstantNow {
  Instant time() {
    return Instant.now();
  }
}
