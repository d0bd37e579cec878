package wrong.application.threads;

import java.util.List;

/** Counts in the pool that belongs to everybody. */
final class ParallelStream {
  long count(List<String> names) {
    return names.parallelStream().count();
  }
}
