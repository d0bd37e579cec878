package io.taskbroker.simulation.world;

/**
 * Chances that follow from a seed and from what they are for, whatever else has happened before. So
 * a history that is made shorter keeps the luck of what is left.
 */
final class Dice {
  private final long seed;

  Dice(long seed) {
    this.seed = seed;
  }

  /** A number from 0 on and below {@code bound}. */
  int roll(int bound, String what, long number) {
    long mixed = mix(mix(seed + what.hashCode() * 0x9E3779B97F4A7C15L) + number);
    return (int) Long.remainderUnsigned(mixed, bound);
  }

  /** The finalizer of SplitMix64: every bit of the input moves every bit of the result. */
  private static long mix(long value) {
    long mixed = value + 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
