package io.taskbroker.application.letters;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.letters.DeadLetterTopic.Extent;
import io.taskbroker.application.letters.DeadLetterTopic.Reading;
import io.taskbroker.application.letters.DeadLetterTopic.Span;
import io.taskbroker.domain.NamePool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The newest dead letters without their payloads, read once: some hundred bytes for each. What a
 * look may read is bounded, so the newest letters are read first, and further looks read what lies
 * before them. Used by one thread at a time.
 */
final class LetterIndex {
  /** The later first; at one time those that lie further on. */
  static final Comparator<DeadLetter> NEWEST_FIRST =
      Comparator.comparingLong(DeadLetter::timeMs).thenComparing(DeadLetter::at).reversed();

  private final LetterReader reader;
  private final int most;
  private final NamePool pool = new NamePool();
  private final Map<Integer, PartitionLetters> known = new TreeMap<>();
  private String identity = "";
  private List<DeadLetter> sorted = List.of();
  private long older;
  private long unread;

  /**
   * @param most letters that are kept, of all partitions together
   */
  LetterIndex(LetterReader reader, int most) {
    this.reader = reader;
    this.most = most;
  }

  /**
   * Reads what has come since the last time and some of what lies before, and forgets what Kafka
   * has deleted.
   *
   * @param allowance what this look may read; it reads something in any case, so that looks come to
   *     an end
   */
  void refresh(Extent extent, Reading reading, ReadingAllowance allowance) {
    if (!identity.equals(extent.identity())) {
      identity = extent.identity();
      known.clear();
    }
    int share = Math.max(1, most / Math.max(1, extent.partitions().size()));
    extent
        .partitions()
        .forEach(
            (partition, span) ->
                known
                    .computeIfAbsent(partition, _ -> new PartitionLetters(partition, span.end()))
                    .now(span, share));
    boolean isReading = true;
    while (isReading) {
      isReading = false;
      for (PartitionLetters letters : known.values()) {
        isReading |= letters.readOn(reading, this::letter, allowance);
      }
    }
    summarize(extent);
  }

  private void summarize(Extent extent) {
    List<DeadLetter> all = new ArrayList<>();
    older = 0;
    unread = 0;
    for (PartitionLetters letters : known.values()) {
      all.addAll(letters.letters());
      unread += letters.unread();
      Span span = extent.partitions().get(letters.partition());
      older += span == null ? 0 : letters.unknown(span);
    }
    all.sort(NEWEST_FIRST);
    sorted = List.copyOf(all);
  }

  /** Many letters have the same names. */
  private DeadLetter letter(SourceRecord record) {
    DeadLetter letter = reader.read(record);
    LetterCodec.Names names = letter.names();
    LetterCodec.Names own =
        names == null
            ? null
            : new LetterCodec.Names(
                names.id(),
                pool.share(names.application()),
                pool.share(names.namespace()),
                pool.share(names.taskname()));
    String cause = pool.share(letter.cause());
    String why = letter.why().equals(cause) ? cause : letter.why();
    return new DeadLetter(letter.at(), letter.timeMs(), own, why, cause, letter.source());
  }

  List<DeadLetter> newestFirst() {
    return sorted;
  }

  /** Whether a record is there, and is not known. */
  boolean isOlder(LetterPosition at, Extent extent) {
    Span span = extent.partitions().get(at.partition());
    PartitionLetters letters = known.get(at.partition());
    return span != null
        && span.holds(at.offset())
        && letters != null
        && !letters.knows(at.offset());
  }

  /** Records that are not known, at most; {@link #unread()} of them will be. */
  long older() {
    return older;
  }

  /** Records that further looks will read, at most; 0 if all is known that is kept. */
  long unread() {
    return unread;
  }
}
