package io.taskbroker.application.letters;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The dead-letter topic, and the marks that say which of its records are handled. Marks outlive
 * brokers, and all brokers of the topic see them.
 *
 * <p>All methods block, and throw {@link LetterException.Unavailable} if Kafka does not answer.
 * Safe for all threads; a {@link Reading} and a {@link Hand} are used by one thread at a time.
 */
public interface DeadLetterTopic extends AutoCloseable {
  String name();

  /** What the topic holds now. */
  Extent extent();

  /** Reads records; keeps its place, so that what follows is read fast. */
  Reading reading();

  /**
   * Which records are handled. Exact for whoever has taken the topic and not yet used it; others
   * may see what was written down last a moment later.
   */
  Marks marks();

  /**
   * Takes the topic over, from whomever has it: their transactions come to nothing from here on, or
   * are complete already, and {@link #marks} has those.
   */
  Hand take();

  @Override
  void close();

  /**
   * What a topic holds.
   *
   * @param identity another one if the topic was deleted and created anew
   */
  record Extent(String identity, Map<Integer, Span> partitions) {}

  /**
   * Offsets of a partition.
   *
   * @param end behind the last record
   */
  record Span(long first, long end) {
    boolean holds(long offset) {
      return first <= offset && offset < end;
    }
  }

  /** Reads records. */
  interface Reading extends AutoCloseable {
    /**
     * Some records of a partition, in their order, from an offset on.
     *
     * @param to no record from here on
     * @return empty if there is none
     */
    List<SourceRecord> read(int partition, long from, long to);

    @Override
    void close();
  }

  /** Which records are handled; changes while it is looked at. Safe for all threads. */
  interface Marks {
    boolean contains(LetterPosition at);

    /** What was written down last about a run; empty if there was none. */
    Optional<String> note();
  }

  /** The right to handle letters, until somebody else takes it. */
  interface Hand extends AutoCloseable {
    /**
     * Sends records and marks where they come from as handled, and writes a note: all of it or
     * nothing.
     *
     * @throws LetterException if nothing of it was done, or nobody knows; marks tell after the next
     *     {@link #take}
     */
    void handle(List<Handling> some, String note);

    @Override
    void close();
  }

  /**
   * One dead letter that is handled.
   *
   * @param again what is sent in its place; null if it is dropped
   */
  record Handling(LetterPosition at, @Nullable Resent again) {}

  /** A record to be sent. */
  record Resent(String topic, byte[] value, List<Header> headers) {}
}
