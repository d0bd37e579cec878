package wrong.application.clock;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Reads a clock. */
final class OffsetDateTimeNow {
  OffsetDateTime time() {
    return OffsetDateTime.now(ZoneOffset.UTC);
  }
}
