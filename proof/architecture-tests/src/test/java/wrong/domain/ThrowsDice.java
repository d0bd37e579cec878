package wrong.domain;

import java.util.Random;

/** A rule that depends on luck. */
final class ThrowsDice {
  int roll() {
    return new Random(1).nextInt();
  }
}
