package wrong.application.threads;

import java.util.Timer;

/** A thread in disguise. */
final class NewTimer {
  Timer timer() {
    return new Timer();
  }
}
