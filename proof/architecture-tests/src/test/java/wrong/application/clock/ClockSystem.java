package wrong.application.clock;

import java.time.Clock;

/** Takes the clock off the wall. */
final class ClockSystem {
  Clock time() {
    return Clock.systemUTC();
  }
}
