package wrong.application.clock;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/** Reads a clock. */
final class ZonedDateTimeNow {
  ZonedDateTime time() {
    return ZonedDateTime.now(ZoneOffset.UTC);
  }
}
