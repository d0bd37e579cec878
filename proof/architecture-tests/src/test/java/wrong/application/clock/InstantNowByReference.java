package wrong.application.clock;

import java.time.Instant;
import java.util.function.Supplier;

/** Has a clock read later. */
final class InstantNowByReference {
  Supplier<Instant> time() {
    return Instant::now;
  }
}
