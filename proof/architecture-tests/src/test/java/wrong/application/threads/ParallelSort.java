package wrong.application.threads;

import java.util.Arrays;

/** Sorts in the pool that belongs to everybody. */
final class ParallelSort {
  void sort(long[] keys) {
    Arrays.parallelSort(keys);
  }
}
