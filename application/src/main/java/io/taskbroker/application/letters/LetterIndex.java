package io.taskbroker.application.letters;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.letters.DeadLetterTopic.Extent;
import io.taskbroker.application.letters.DeadLetterTopic.Reading;
import io.taskbroker.application.letters.DeadLetterTopic.Span;
import io.taskbroker.domain.NamePool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The newest dead letters without their payloads, read once: some hundred bytes for each. Used by
 * one thread at a time.
 */
final class LetterIndex {
  /** The later first; at one time those that lie further on. */
  static final Comparator<DeadLetter> NEWEST_FIRST =
      Comparator.comparingLong(DeadLetter::timeMs).thenComparing(DeadLetter::at).reversed();

  private final LetterReader reader;
  private final int most;
  private final NamePool pool = new NamePool();
  private final Map<Integer, Deque<DeadLetter>> known = new TreeMap<>();
  private final Map<Integer, Long> next = new TreeMap<>();

  /** By partition: all letters from here on are known. */
  private final Map<Integer, Long> floors = new TreeMap<>();

  private String identity = "";
  private List<DeadLetter> sorted = List.of();
  private long older;

  /**
   * @param most letters that are kept, of all partitions together
   */
  LetterIndex(LetterReader reader, int most) {
    this.reader = reader;
    this.most = most;
  }

  /** Reads what has come since the last time, and forgets what Kafka has deleted. */
  void refresh(Extent extent, Reading reading) {
    if (!identity.equals(extent.identity())) {
      identity = extent.identity();
      known.clear();
      next.clear();
      floors.clear();
    }
    int share = Math.max(1, most / Math.max(1, extent.partitions().size()));
    older = 0;
    extent.partitions().forEach((partition, span) -> refresh(partition, span, share, reading));
    List<DeadLetter> all = new ArrayList<>();
    known.values().forEach(all::addAll);
    all.sort(NEWEST_FIRST);
    sorted = List.copyOf(all);
  }

  private void refresh(int partition, Span span, int share, Reading reading) {
    Deque<DeadLetter> letters = known.computeIfAbsent(partition, _ -> new ArrayDeque<>());
    long reached = next.getOrDefault(partition, span.first());
    long from = Math.max(reached, span.end() - share);
    if (from > reached || !floors.containsKey(partition)) {
      floors.put(partition, from);
      letters.clear(); // those between are not known
    }
    while (from < span.end()) {
      List<SourceRecord> some = reading.read(partition, from, span.end());
      if (some.isEmpty()) {
        break;
      }
      some.forEach(record -> letters.add(shared(reader.read(record))));
      from = some.getLast().offset() + 1;
      next.put(partition, from); // or what was read would be there twice if the rest fails
    }
    next.put(partition, Math.max(from, span.end()));
    while (letters.size() > share) {
      floors.put(partition, letters.removeFirst().at().offset() + 1);
    }
    while (!letters.isEmpty() && letters.getFirst().at().offset() < span.first()) {
      letters.removeFirst();
    }
    older += Math.max(0, floors.getOrDefault(partition, span.first()) - span.first());
  }

  /** Many letters have the same names. */
  private DeadLetter shared(DeadLetter letter) {
    LetterCodec.Names names = letter.names();
    LetterCodec.Names own =
        names == null
            ? null
            : new LetterCodec.Names(
                names.id(),
                pool.share(names.application()),
                pool.share(names.namespace()),
                pool.share(names.taskname()));
    return new DeadLetter(
        letter.at(), letter.timeMs(), own, pool.share(letter.cause()), letter.source());
  }

  List<DeadLetter> newestFirst() {
    return sorted;
  }

  /** Whether a record is there, and lies before those that are known. */
  boolean isOlder(LetterPosition at, Extent extent) {
    Span span = extent.partitions().get(at.partition());
    return span != null
        && span.holds(at.offset())
        && at.offset() < floors.getOrDefault(at.partition(), span.first());
  }

  /** Records before those that are known, at most. */
  long older() {
    return older;
  }
}
