package io.taskbroker.proving.chaos;

import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** What is random in one lane; follows from a seed. For one thread. */
final class Dice {
  private final Random random;

  Dice(long seed) {
    this.random = new Random(seed);
  }

  <T> T oneOf(List<T> things) {
    return things.get(random.nextInt(things.size()));
  }

  /**
   * @param most exclusive
   */
  int below(int most) {
    return random.nextInt(most);
  }

  /** Waits for some time between the two, in milliseconds. */
  void pause(long least, long most) {
    Waiting.pause(Duration.ofMillis(random.nextLong(least, most)));
  }
}
