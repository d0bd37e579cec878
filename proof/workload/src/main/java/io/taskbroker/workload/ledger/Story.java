package io.taskbroker.workload.ledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;

/** All that is known of one task. Guarded by itself. */
final class Story {
  private final TaskKind kind;
  private final long sentNanos;
  private final List<Handout> handouts = new ArrayList<>(1);
  private final Map<String, Integer> retryRecords = HashMap.newHashMap(0);
  private final Set<Integer> retries = HashSet.newHashSet(0);
  private boolean produced;
  private boolean workedToTheEnd;
  private int deadLetters;

  Story(TaskKind kind, long sentNanos) {
    this.kind = kind;
    this.sentNanos = sentNanos;
  }

  TaskKind kind() {
    return kind;
  }

  long sentNanos() {
    return sentNanos;
  }

  synchronized void produced() {
    produced = true;
  }

  synchronized boolean isProduced() {
    return produced;
  }

  /** Returns whether it is the first time that anyone got the task. */
  synchronized boolean add(Handout handout) {
    handouts.add(handout);
    if (handout.attempt() > 0) {
      retries.add(handout.attempt());
    }
    return handouts.size() == 1;
  }

  synchronized void worked(Handout handout) {
    workedToTheEnd |= kind.endsAt(handout.attempt());
  }

  synchronized void acknowledged(Handout handout, long nowNanos) {
    handout.acknowledge(nowNanos);
  }

  synchronized void retryRecord(String id, int attempt) {
    retries.add(attempt);
    retryRecords.merge(id, 1, Integer::sum);
  }

  synchronized void deadLetter() {
    deadLetters++;
  }

  synchronized boolean isOver() {
    return switch (kind.ending()) {
      case COMPLETE, DISCARD -> workedToTheEnd;
      case DEAD_LETTER -> deadLetters > 0;
    };
  }

  synchronized boolean isOpen(TaskKind ofKind) {
    return kind.equals(ofKind) && produced && !isOver();
  }

  /** For people, in seconds since a point in time. */
  synchronized String course(long startNanos) {
    StringBuilder text =
        new StringBuilder(" sent at %.3f s".formatted((sentNanos - startNanos) / 1e9));
    for (Handout handout : handouts) {
      text.append(", ").append(handout.id()).append(" attempt ").append(handout.attempt());
      text.append(' ').append(handout.since(startNanos));
    }
    return text.append(", retry records ").append(retryRecords).toString();
  }

  synchronized void addTo(StoryCounts tally) {
    if (!produced && handouts.isEmpty()) {
      return; // Kafka never took it
    }
    tally.produced++;
    tally.handedOut += handouts.size();
    tally.retried += retries.size();
    tally.retryRecords += retryRecords.values().stream().mapToInt(Integer::intValue).sum();
    tally.deadLetterRecords += deadLetters;
    if (isOver()) {
      switch (kind.ending()) {
        case COMPLETE -> tally.completed++;
        case DISCARD -> tally.discarded++;
        case DEAD_LETTER -> tally.deadLettered++;
      }
    } else {
      tally.open++;
    }
    repeats((_, cause) -> tally.repeated.merge(cause, 1L, Long::sum));
  }

  /** Records of an activation that were seen on the topic of retries. */
  synchronized int records(String id) {
    return retryRecords.getOrDefault(id, 0);
  }

  synchronized void addTimesTo(LongStream.Builder times) {
    handouts.forEach(handout -> times.add(handout.atNanos()));
  }

  /** Tells of each hand-out of an attempt that had been handed out before, and why. */
  synchronized void repeats(BiConsumer<List<Handout>, Repeat> onRepeat) {
    for (int i = 1; i < handouts.size(); i++) {
      Handout again = handouts.get(i);
      List<Handout> earlier =
          handouts.subList(0, i).stream().filter(h -> h.attempt() == again.attempt()).toList();
      if (!earlier.isEmpty()) {
        List<Handout> all = new ArrayList<>(earlier);
        all.add(again);
        onRepeat.accept(all, causeOf(again, earlier));
      }
    }
  }

  private Repeat causeOf(Handout again, List<Handout> earlier) {
    if (kind.atMostOnce()) {
      return Repeat.AT_MOST_ONCE;
    }
    if (!earlier.stream().allMatch(handout -> handout.id().equals(again.id()))) {
      return Repeat.TWO_RETRIES;
    }
    if (!earlier.getLast().broker().equals(again.broker())) {
      return Repeat.BY_ANOTHER_BROKER;
    }
    List<Handout> own = sinceAnotherHadIt(earlier, again.broker());
    if (records(again.id()) > 1 && own.stream().anyMatch(handout -> handout.wasOverAt(again))) {
      return Repeat.PUBLISHED_TWICE;
    }
    if (own.stream().anyMatch(handout -> handout.wasAcknowledgedBefore(again))) {
      return Repeat.AFTER_ITS_REPORT;
    }
    return earlier.getLast().hadTimeUntil(again)
        ? Repeat.BEFORE_ITS_DEADLINE
        : Repeat.DEADLINE_PASSED;
  }

  /** Those of one broker since another one was sent the record. */
  private static List<Handout> sinceAnotherHadIt(List<Handout> handouts, String broker) {
    int first = handouts.size();
    while (first > 0 && handouts.get(first - 1).broker().equals(broker)) {
      first--;
    }
    return handouts.subList(first, handouts.size());
  }
}
