package wrong.application.waiting;

import java.util.concurrent.TimeUnit;

/** Waits for nothing, in other words. */
final class SleepsByUnit {
  void rest() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(1);
  }
}
