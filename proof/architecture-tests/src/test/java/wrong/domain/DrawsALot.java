package wrong.domain;

import java.util.concurrent.ThreadLocalRandom;

/** A rule that depends on luck. */
final class DrawsALot {
  int lot() {
    return ThreadLocalRandom.current().nextInt();
  }
}
