package wrong.application.clock;

import java.util.Date;

/** Reads a clock. */
final class NewDate {
  @SuppressWarnings("JavaUtilDate") // it is wrong in that too
  Date time() {
    return new Date();
  }
}
