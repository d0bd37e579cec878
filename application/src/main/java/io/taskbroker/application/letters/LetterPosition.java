package io.taskbroker.application.letters;

import java.util.Comparator;

/** Where a record lies in the dead-letter topic. */
public record LetterPosition(int partition, long offset) implements Comparable<LetterPosition> {
  private static final Comparator<LetterPosition> ORDER =
      Comparator.comparingInt(LetterPosition::partition).thenComparingLong(LetterPosition::offset);

  public LetterPosition {
    if (partition < 0 || offset < 0) {
      throw new IllegalArgumentException(
          "no record lies at offset %d of partition %d".formatted(offset, partition));
    }
  }

  @Override
  public int compareTo(LetterPosition other) {
    return ORDER.compare(this, other);
  }

  /** For example {@code [0] at offset 51007}. */
  public String words() {
    return "[%d] at offset %d".formatted(partition, offset);
  }
}
