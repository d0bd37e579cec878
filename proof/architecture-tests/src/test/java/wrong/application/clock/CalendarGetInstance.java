package wrong.application.clock;

import java.util.Calendar;
import java.util.Locale;

/** Reads a clock. */
final class CalendarGetInstance {
  Calendar time() {
    return Calendar.getInstance(Locale.ROOT);
  }
}
