package io.taskbroker.application.letters;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.letters.DeadLetterTopic.Reading;
import io.taskbroker.application.letters.DeadLetterTopic.Span;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The letters of one partition that are known: all of those from one offset to another. What comes
 * after them is read forwards, what lies before them in blocks, the later block first.
 */
final class PartitionLetters {
  /** Records of the first block; few, for they may be large. */
  private static final int FIRST_BLOCK = 32;

  private static final int LARGEST_BLOCK = 4_096;

  /** After a block with more bytes than this, the next one has as many records, not more. */
  private static final long LARGE_BYTES = 2_000_000;

  private final int partition;
  private final Deque<DeadLetter> letters = new ArrayDeque<>();

  /** All letters from here on are known, up to {@link #next}. */
  private long floor;

  private long next;
  private long end;

  /** Nothing before this is read. */
  private long wanted;

  private int share;
  private int size = FIRST_BLOCK;
  private @Nullable Block block;

  /** A block that is being read: its letters are known once all of them are. */
  private static final class Block {
    final long from;
    final List<DeadLetter> letters = new ArrayList<>();
    long at;
    long bytes;

    Block(long from) {
      this.from = from;
      this.at = from;
    }
  }

  /**
   * @param end where nothing is known yet: the first block lies before this
   */
  PartitionLetters(int partition, long end) {
    this.partition = partition;
    this.floor = end;
    this.next = end;
  }

  int partition() {
    return partition;
  }

  /**
   * What the partition holds now.
   *
   * @param most letters that are kept
   */
  void now(Span span, int most) {
    end = span.end();
    share = most;
    wanted = Math.max(span.first(), end - most);
    if (end - next > most || end < next) { // those between are not known
      letters.clear();
      floor = end;
      next = end;
      block = null;
    }
    while (!letters.isEmpty() && letters.getFirst().at().offset() < span.first()) {
      letters.removeFirst();
    }
    if (next < span.first()) {
      floor = span.first();
      next = span.first();
      block = null;
    }
    if (block != null && block.at < span.first()) {
      block = null; // its first records are deleted, and cannot be read any more
    }
  }

  /**
   * Reads what has come, or else a block of what lies before; as far as the allowance goes.
   *
   * @return false if there is nothing to read, or the allowance is spent
   */
  boolean readOn(
      Reading reading, Function<SourceRecord, DeadLetter> read, ReadingAllowance allowance) {
    while (next < end && !allowance.isSpent()) {
      forwards(reading, read, allowance);
    }
    if (next < end || floor <= wanted || letters.size() >= share) {
      return false;
    }
    Block under = block == null ? new Block(Math.max(wanted, floor - size)) : block;
    block = under;
    while (under.at < floor && !allowance.isSpent()) {
      backwards(under, reading, read, allowance);
    }
    if (under.at < floor) {
      return false;
    }
    for (DeadLetter letter : under.letters.reversed()) {
      letters.addFirst(letter);
    }
    floor = under.from;
    size = under.bytes > LARGE_BYTES ? size : Math.min(LARGEST_BLOCK, 2 * size);
    block = null;
    return true;
  }

  private void forwards(
      Reading reading, Function<SourceRecord, DeadLetter> read, ReadingAllowance allowance) {
    List<SourceRecord> some = reading.read(partition, next, end);
    allowance.spend(some);
    some.forEach(record -> letters.add(read.apply(record)));
    next = some.isEmpty() ? end : some.getLast().offset() + 1;
    while (letters.size() > share) {
      floor = letters.removeFirst().at().offset() + 1;
      block = null; // it would no longer lie just before
    }
  }

  private void backwards(
      Block under,
      Reading reading,
      Function<SourceRecord, DeadLetter> read,
      ReadingAllowance allowance) {
    List<SourceRecord> some = reading.read(partition, under.at, floor);
    allowance.spend(some);
    for (SourceRecord record : some) {
      under.letters.add(read.apply(record));
      under.bytes += ReadingAllowance.bytes(record);
    }
    under.at = some.isEmpty() ? floor : some.getLast().offset() + 1;
  }

  /** In their order. */
  Collection<DeadLetter> letters() {
    return letters;
  }

  /** Whether the letter at this offset is known, if there is one. */
  boolean knows(long offset) {
    return offset >= floor && offset < next;
  }

  /** Records that will be read, at most. */
  long unread() {
    long before = letters.size() >= share ? 0 : Math.max(0, floor - wanted);
    return before + end - next;
  }

  /** Records that are not known, at most. */
  long unknown(Span span) {
    return Math.max(0, floor - span.first()) + end - next;
  }
}
