package wrong.application.threads;

import java.util.stream.Stream;

/** Counts in the pool that belongs to everybody. */
final class StreamInParallel {
  long count(Stream<String> names) {
    return names.parallel().count();
  }
}
