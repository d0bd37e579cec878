package wrong.application.clock;

import java.util.Date;
import java.util.function.Supplier;

/** Has a clock read later. */
final class NewDateByReference {
  @SuppressWarnings("JavaUtilDate") // it is wrong in that too
  Supplier<Date> time() {
    return Date::new;
  }
}
