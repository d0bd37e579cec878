package wrong.application.clock;

import java.util.function.LongSupplier;

/** Has a clock read later. */
final class SystemNanoTimeByReference {
  LongSupplier time() {
    return System::nanoTime;
  }
}
