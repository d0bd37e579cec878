package wrong.inflight;

import java.util.Random;

/** Decides by a number that nobody can repeat. */
final class ThrowsDice {
  int throwOnce() {
    return new Random().nextInt(6);
  }
}
