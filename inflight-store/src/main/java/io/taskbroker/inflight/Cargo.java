package io.taskbroker.inflight;

import io.taskbroker.domain.Partition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a group takes along beside the engine's changes.
 *
 * @param payloads of the rows that came in, by key
 * @param settledReports that were left here by other brokers, and are done with
 * @param givenUp partitions that are nobody's from then on
 */
record Cargo(
    Map<Long, byte[]> payloads,
    Collection<Elsewhere.Left> settledReports,
    Collection<Partition> givenUp) {
  static final Cargo NONE = new Cargo(Map.of(), List.of(), List.of());

  static Cargo of(Map<Long, byte[]> payloads) {
    return payloads.isEmpty() ? NONE : new Cargo(payloads, List.of(), List.of());
  }

  /** That of all of these commands. */
  static Cargo of(List<? extends Command<?>> commands) {
    Cargo all = NONE;
    for (Command<?> command : commands) {
      all = all.with(command.cargo());
    }
    return all;
  }

  /** Whether there is something to write even if no row has changed. */
  boolean isToBeWritten() {
    return !settledReports.isEmpty() || !givenUp.isEmpty();
  }

  private boolean isEmpty() {
    return payloads.isEmpty() && !isToBeWritten();
  }

  private Cargo with(Cargo more) {
    if (more.isEmpty() || isEmpty()) {
      return isEmpty() ? more : this;
    }
    Map<Long, byte[]> both = new LinkedHashMap<>(payloads);
    both.putAll(more.payloads);
    return new Cargo(
        both, joined(settledReports, more.settledReports), joined(givenUp, more.givenUp));
  }

  private static <T> List<T> joined(Collection<T> first, Collection<T> second) {
    List<T> joined = new ArrayList<>(first);
    joined.addAll(second);
    return joined;
  }
}
