package io.taskbroker.testkit.store;

import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who has asked the {@link ModelStore} for which application, and which rows count for all that.
 */
final class ModelDemand {
  private final Map<String, Long> askedMs = new HashMap<>();

  /** Rows up to this key came while nobody asked for their application. */
  private final Map<String, Long> uncountedUpTo = new HashMap<>();

  private long allUncountedUpTo;
  private long allAskedMs;
  private boolean hasAnybodyAskedForAll;
  private Set<String> served = Set.of();

  ModelDemand(Moment now) {
    reopen(now);
  }

  /** A new process begins as if everything had been asked for. */
  void reopen(Moment now) {
    askedMs.clear();
    uncountedUpTo.clear();
    allUncountedUpTo = 0;
    allAskedMs = now.monotonicMs();
    hasAnybodyAskedForAll = false;
    served = Set.of();
  }

  boolean isAsked(String application, Moment now) {
    long asked = Math.max(allAskedMs, askedMs.getOrDefault(application, allAskedMs));
    return served.contains(application)
        || now.monotonicMs() - asked <= Backpressure.ASKED_WITHIN.toMillis();
  }

  void asked(@Nullable String application, long lastKey, Moment now) {
    if (application == null) {
      if (now.monotonicMs() - allAskedMs > Backpressure.ASKED_WITHIN.toMillis()) {
        askedMs.keySet().removeIf(name -> !isAsked(name, now));
        uncountedUpTo.keySet().removeIf(name -> !isAsked(name, now));
        allUncountedUpTo = lastKey;
      }
      allAskedMs = now.monotonicMs();
      hasAnybodyAskedForAll = true;
    } else {
      if (!isAsked(application, now)) {
        uncountedUpTo.put(application, lastKey);
      }
      uncountedUpTo.putIfAbsent(application, allUncountedUpTo);
      askedMs.put(application, now.monotonicMs());
    }
  }

  void serve(Set<String> applications, long lastKey, Moment now) {
    for (String application : applications) {
      if (!isAsked(application, now)) {
        uncountedUpTo.put(application, lastKey);
      }
      uncountedUpTo.putIfAbsent(application, allUncountedUpTo);
    }
    served = Set.copyOf(applications);
  }

  /** Whether the row counts towards the store's size only. */
  boolean isUncounted(ModelRow row, Moment now) {
    String application = row.activation.application();
    return !isAsked(application, now)
        || row.key <= uncountedUpTo.getOrDefault(application, allUncountedUpTo);
  }

  ApplicationDepth depth(String application, int pending, Optional<Duration> oldest, Moment now) {
    Long asked = askedMs.get(application);
    if (hasAnybodyAskedForAll) {
      asked = asked == null ? allAskedMs : Math.max(asked, allAskedMs);
    }
    return new ApplicationDepth(
        application,
        pending,
        oldest,
        asked == null
            ? Optional.empty()
            : Optional.of(Duration.ofMillis(now.monotonicMs() - asked)),
        isAsked(application, now));
  }
}
