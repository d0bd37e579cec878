package io.taskbroker.proving.chaos;

/**
 * Something that breaks. It is mended again before the next thing of its lane breaks.
 *
 * @param name of the kind, by which faults are counted
 * @param course breaks it and mends it; what is random in it comes from the dice
 */
record Fault(String name, Course course) {
  /** From the moment it breaks until it is mended. */
  @FunctionalInterface
  interface Course {
    void run(Dice dice);
  }
}
