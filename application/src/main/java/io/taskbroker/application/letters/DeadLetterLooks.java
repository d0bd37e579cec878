package io.taskbroker.application.letters;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.letters.DeadLetterTopic.Extent;
import io.taskbroker.application.letters.DeadLetterTopic.Marks;
import io.taskbroker.application.letters.DeadLetterTopic.Reading;
import io.taskbroker.application.letters.RunNote.Kind;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What operators see of dead letters: lists, groups and single ones.
 *
 * <p>All methods block while Kafka is read, and throw {@link LetterException} if it cannot be.
 * Those who look take turns. Safe for any number of threads.
 */
public final class DeadLetterLooks {
  /** Letters that can be listed; a run goes through all. */
  static final int MOST_KNOWN = 50_000;

  private static final int MOST_GROUPS = 200;

  /** For how long one look reads; what is left is for the next look. */
  private static final Duration LONGEST_READING = Duration.ofSeconds(1);

  /** How much of payloads one look reads. */
  private static final long MOST_BYTES = 32_000_000;

  private final DeadLetterTopic topic;
  private final Resending resending;
  private final LetterReader reader;
  private final TimeSource time;
  private final LetterIndex index;

  /** Held while the topic is read, so that those who look take turns. */
  private final ReentrantLock turn = new ReentrantLock();

  private @Nullable Reading reading;

  DeadLetterLooks(
      DeadLetterTopic topic, Resending resending, LetterReader reader, TimeSource time) {
    this.topic = topic;
    this.resending = resending;
    this.reader = reader;
    this.time = time;
    this.index = new LetterIndex(reader, MOST_KNOWN);
  }

  /**
   * What is listed.
   *
   * @param after the last one of this page, to go on from; null if there is no more
   * @param older records that are not known, which nobody has looked at
   * @param unread of those, how many further looks will read
   */
  public record Page(
      List<DeadLetter> letters, @Nullable DeadLetter after, long older, long unread) {}

  /**
   * Those that match, the newest first.
   *
   * @param handled whether those are wanted that are handled, or those that are open
   * @param after null to begin
   */
  public Page page(LetterFilter filter, boolean handled, @Nullable Place after, int limit) {
    return inTurn(
        () -> {
          Marks marks = look();
          List<DeadLetter> found = new ArrayList<>();
          for (DeadLetter letter : index.newestFirst()) {
            if ((after == null || after.isBefore(letter))
                && filter.matches(letter)
                && marks.contains(letter.at()) == handled) {
              if (found.size() == limit) {
                return new Page(found, found.getLast(), index.older(), index.unread());
              }
              found.add(letter);
            }
          }
          return new Page(found, null, index.older(), index.unread());
        });
  }

  /** A place in the list of all letters. */
  public record Place(long timeMs, LetterPosition at) {
    boolean isBefore(DeadLetter letter) {
      return letter.timeMs() < timeMs
          || (letter.timeMs() == timeMs && letter.at().compareTo(at) < 0);
    }
  }

  /**
   * Letters that failed alike.
   *
   * @param names of their task, the id aside; null of what is no task
   * @param sendable how many of them can be sent again
   */
  public record Group(
      LetterCodec.@Nullable Names names,
      String cause,
      int open,
      int sendable,
      long firstMs,
      long lastMs) {
    private Group with(DeadLetter letter, boolean isSendable) {
      return new Group(
          names,
          cause,
          open + 1,
          sendable + (isSendable ? 1 : 0),
          Math.min(firstMs, letter.timeMs()),
          Math.max(lastMs, letter.timeMs()));
    }
  }

  /**
   * The open letters by task and cause.
   *
   * @param groups those of which there are most come first, 200 at most
   * @param open letters in all groups, also in those that are left out
   * @param older records that are not known, which nobody has looked at
   * @param unread of those, how many further looks will read
   */
  public record Groups(List<Group> groups, int open, long older, long unread) {}

  public Groups groups() {
    return inTurn(
        () -> {
          Marks marks = look();
          Map<String, Group> groups = new TreeMap<>();
          int open = 0;
          for (DeadLetter letter : index.newestFirst()) {
            if (!marks.contains(letter.at())) {
              open++;
              boolean isSendable = resending.obstacle(letter) == null;
              groups.compute(
                  key(letter),
                  (_, group) -> (group == null ? begun(letter) : group).with(letter, isSendable));
            }
          }
          List<Group> most =
              groups.values().stream()
                  .sorted(Comparator.comparingInt((Group group) -> -group.open()))
                  .limit(MOST_GROUPS)
                  .toList();
          return new Groups(most, open, index.older(), index.unread());
        });
  }

  private static Group begun(DeadLetter letter) {
    return new Group(letter.names(), letter.cause(), 0, 0, letter.timeMs(), letter.timeMs());
  }

  private static String key(DeadLetter letter) {
    LetterCodec.Names names = letter.names();
    return names == null
        ? "\0" + letter.cause()
        : String.join(
            "\0", "task", names.application(), names.namespace(), names.taskname(), letter.cause());
  }

  /**
   * One letter.
   *
   * @param headers as texts
   * @param target where its task would go; null if it cannot be sent again
   * @param obstacle why it cannot be; null if it can
   * @param newId of the task that it becomes
   */
  public record Found(
      DeadLetter letter,
      SourceRecord record,
      Map<String, String> headers,
      boolean handled,
      @Nullable String target,
      @Nullable String obstacle,
      String newId) {}

  /** The letter that lies there; empty if there is none. */
  public Optional<Found> find(LetterPosition at) {
    return inTurn(
        () -> {
          Extent extent = topic.extent();
          DeadLetterTopic.Span span = extent.partitions().get(at.partition());
          if (span == null || !span.holds(at.offset())) {
            return Optional.empty();
          }
          return reading().read(at.partition(), at.offset(), at.offset() + 1).stream()
              .findFirst()
              .map(record -> found(extent.identity(), record));
        });
  }

  /** The newest letter of the task with this id, among those that are known; empty if none is. */
  public Optional<Found> find(String id) {
    return inTurn(
        () -> {
          Marks _ = look();
          return index.newestFirst().stream()
              .filter(letter -> letter.names() != null && id.equals(letter.names().id()))
              .findFirst()
              .flatMap(letter -> find(letter.at()));
        });
  }

  private Found found(String identity, SourceRecord record) {
    DeadLetter letter = reader.read(record);
    return new Found(
        letter,
        record,
        LetterReader.headers(record),
        topic.marks().contains(letter.at()),
        resending.target(letter),
        resending.obstacle(letter),
        resending.idOf(identity, letter.at()));
  }

  /** Reads on, as far as one look may; what was read before is known already. */
  private Marks look() {
    return look(topic.extent());
  }

  private Marks look(Extent extent) {
    Marks marks = topic.marks();
    index.refresh(extent, reading(), new ReadingAllowance(time, LONGEST_READING, MOST_BYTES));
    return marks;
  }

  private Reading reading() {
    Reading open = reading;
    if (open == null) {
      open = topic.reading();
      reading = open;
    }
    return open;
  }

  /**
   * What an order would be about, as far as letters are known.
   *
   * @param open letters that match
   * @param refused of them, those that could not be sent again
   * @param older records that nobody has looked at, and that may match
   * @param newIds of the tasks that chosen letters become, in the order of their places; empty if a
   *     filter chooses, or if they are dropped
   */
  public record Expected(int open, int refused, long older, Map<LetterPosition, String> newIds) {
    public Expected {
      newIds = Ordered.copyOf(newIds);
    }

    /** Whether a run would find nothing to do. */
    public boolean isNothing() {
      return open == refused && older == 0;
    }
  }

  public Expected expected(Kind kind, LetterFilter filter) {
    return inTurn(
        () -> {
          Extent extent = topic.extent();
          Marks marks = look(extent);
          Map<LetterPosition, String> newIds = new TreeMap<>();
          int open = 0;
          int refused = 0;
          for (DeadLetter letter : index.newestFirst()) {
            if (filter.matches(letter) && !marks.contains(letter.at())) {
              open++;
              boolean isSent = kind == Kind.REQUEUE && resending.obstacle(letter) == null;
              refused += kind == Kind.REQUEUE && !isSent ? 1 : 0;
              if (isSent && !filter.chosen().isEmpty()) {
                newIds.put(letter.at(), resending.idOf(extent.identity(), letter.at()));
              }
            }
          }
          return new Expected(open, refused, older(filter, extent, marks), newIds);
        });
  }

  private long older(LetterFilter filter, Extent extent, Marks marks) {
    return filter.chosen().isEmpty()
        ? index.older()
        : filter.chosen().stream()
            .filter(at -> !marks.contains(at) && index.isOlder(at, extent))
            .count();
  }

  /** Does this while nobody else reads the topic. */
  <T> T inTurn(Supplier<T> look) {
    turn.lock();
    try {
      return look.get();
    } finally {
      turn.unlock();
    }
  }

  /** Lets go of Kafka, unless somebody waits for it right now: that ends with the process. */
  void close() {
    if (turn.tryLock()) {
      try {
        letGo();
      } finally {
        turn.unlock();
      }
    }
  }

  private void letGo() {
    Reading open = reading;
    if (open != null) {
      open.close();
      reading = null;
    }
    topic.close();
  }
}
