package wrong.application.clock;

import java.time.LocalDateTime;

/** Reads a clock. */
final class LocalDateTimeNow {
  @SuppressWarnings("JavaTimeDefaultTimeZone") // it is wrong in that too
  LocalDateTime time() {
    return LocalDateTime.now();
  }
}
