package wrong.application.clock;

import java.time.Clock;
import java.time.ZoneOffset;

/** Takes the clock off the wall. */
final class ClockTick {
  Clock time() {
    return Clock.tickMillis(ZoneOffset.UTC);
  }
}
