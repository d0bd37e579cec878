package io.taskbroker.proving.shared;

import io.taskbroker.workload.ledger.Handout;
import io.taskbroker.workload.ledger.Repeat;
import io.taskbroker.workload.ledger.Repetition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Why brokers that share a store have handed out an attempt again. They know what each other have
 * handed out and been told, so only two reasons are good: nobody had reported when the deadline
 * passed, or Kafka holds the record of a retry twice.
 */
final class RepeatReasons {
  private static final String LEASE = "lease_over_";

  /** No broker was disturbed: the report came late, or not at all. */
  private static final String UNDISTURBED = LEASE + "undisturbed";

  private static final String PUBLISHED_TWICE = "published_twice";

  private final Map<String, Long> counts = new LinkedHashMap<>();
  private final List<String> unexplained = new ArrayList<>();

  private RepeatReasons() {}

  static RepeatReasons of(List<Repetition> repetitions, List<Disturbance> disturbances) {
    var reasons = new RepeatReasons();
    for (Repetition repetition : repetitions) {
      String reason = reasonFor(repetition, disturbances);
      if (reason.isEmpty()) {
        reasons.unexplained.add(repetition.course());
      } else {
        reasons.counts.merge(reason, 1L, Long::sum);
      }
    }
    return reasons;
  }

  /** How many there were for each good reason. */
  Map<String, Long> counts() {
    return counts;
  }

  /** The course of each one without a good reason. */
  List<String> unexplained() {
    return unexplained;
  }

  /** Empty if there is no good one. */
  private static String reasonFor(Repetition repetition, List<Disturbance> disturbances) {
    if (repetition.cause() == Repeat.AT_MOST_ONCE || repetition.cause() == Repeat.TWO_RETRIES) {
      return "";
    }
    Handout again = repetition.again();
    if (repetition.earlier().stream().anyMatch(one -> one.wasAcknowledgedBefore(again))) {
      return repetition.records() > 1 ? PUBLISHED_TWICE : "";
    }
    if (repetition.earlier().stream().anyMatch(one -> isWithinOneLease(one, again))) {
      return "";
    }
    return disturbances.stream()
        .filter(one -> concerns(one, repetition))
        .findFirst()
        .map(one -> LEASE + one.manner())
        .orElse(UNDISTURBED);
  }

  /** A broker that was frozen answers late: the one that decided first may be heard last. */
  private static boolean isWithinOneLease(Handout one, Handout other) {
    return one.hadTimeUntil(other) && other.hadTimeUntil(one);
  }

  private static boolean concerns(Disturbance disturbance, Repetition repetition) {
    long until = repetition.again().atNanos();
    return repetition.handouts().stream()
        .anyMatch(
            handout ->
                handout.broker().equals(disturbance.broker())
                    && disturbance.falls(handout.decidedNanos(), until));
  }
}
