package wrong.application.clock;

import java.time.InstantSource;

/** Takes the clock off the wall. */
final class InstantSourceSystem {
  InstantSource time() {
    return InstantSource.system();
  }
}
