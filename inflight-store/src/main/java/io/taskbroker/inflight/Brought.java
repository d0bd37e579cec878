package io.taskbroker.inflight;

import io.taskbroker.domain.ClaimFilter;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Estimates the heap of what callers bring: texts of one byte a character, and objects around. */
final class Brought {
  /** Of a report and its id, and of the answer to it. */
  private static final long OBJECTS = 120;

  private Brought() {}

  /**
   * @param idOf the only part of one that has no small bound
   */
  static <Q> long bytes(List<Q> questions, Function<Q, String> idOf) {
    long bytes = OBJECTS * questions.size();
    for (Q question : questions) {
      bytes += idOf.apply(question).length();
    }
    return bytes;
  }

  static long bytes(List<ClaimFilter> filters) {
    long bytes = 0;
    for (ClaimFilter filter : filters) {
      bytes += OBJECTS + bytes(filter);
    }
    return bytes;
  }

  static long bytes(ClaimFilter filter) {
    return length(filter.application()) + length(filter.namespace());
  }

  private static long length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
