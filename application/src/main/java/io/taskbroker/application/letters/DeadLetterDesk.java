package io.taskbroker.application.letters;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.letters.DeadLetterTopic.Extent;
import io.taskbroker.application.letters.DeadLetterTopic.Marks;
import io.taskbroker.application.letters.DeadLetterTopic.Reading;
import io.taskbroker.application.letters.RunNote.Kind;
import io.taskbroker.application.letters.RunNote.Status;
import io.taskbroker.application.operations.Operations;
import io.taskbroker.application.operations.Order;
import io.taskbroker.application.threads.Threads;
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
 * Where operators look at dead letters, and have them sent again or dropped.
 *
 * <p>All methods block while Kafka is read, and throw {@link LetterException} if it cannot be.
 * Those who look take turns. Safe for any number of threads.
 */
public final class DeadLetterDesk implements AutoCloseable {
  /** Letters that can be listed; a run goes through all. */
  static final int MOST_KNOWN = 50_000;

  public static final int HIGHEST_RATE = 100_000;
  private static final int MOST_GROUPS = 200;

  /** A run that has written nothing for so long has been left by its broker. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private static final Duration STOPPING = Duration.ofSeconds(3);

  private final DeadLetterTopic topic;
  private final Resending resending;
  private final Operations operations;
  private final TimeSource time;
  private final Threads threads;
  private final LetterReader reader;
  private final LetterIndex index;

  /** Held while the topic is read, so that those who look take turns. */
  private final ReentrantLock turn = new ReentrantLock();

  private @Nullable Reading reading;
  private volatile @Nullable LetterRun run;

  /**
   * @param operations keeps what is ordered in the audit
   */
  public DeadLetterDesk(
      DeadLetterTopic topic,
      Resending resending,
      Operations operations,
      TimeSource time,
      Threads threads) {
    this.topic = topic;
    this.resending = resending;
    this.operations = operations;
    this.time = time;
    this.threads = threads;
    this.reader = new LetterReader(resending.codec());
    this.index = new LetterIndex(reader, MOST_KNOWN);
  }

  public String topic() {
    return topic.name();
  }

  // ---------------------------------------------------------------- looks

  /**
   * What is listed.
   *
   * @param after the last one of this page, to go on from; null if there is no more
   * @param older records before those that are known, which nobody has looked at
   */
  public record Page(List<DeadLetter> letters, @Nullable DeadLetter after, long older) {}

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
                return new Page(found, found.getLast(), index.older());
              }
              found.add(letter);
            }
          }
          return new Page(found, null, index.older());
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
   */
  public record Groups(List<Group> groups, int open, long older) {}

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
          return new Groups(most, open, index.older());
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

  /** Reads on; what lies before is known already. */
  private Marks look() {
    Marks marks = topic.marks();
    index.refresh(topic.extent(), reading());
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

  private <T> T inTurn(Supplier<T> look) {
    turn.lock();
    try {
      return look.get();
    } finally {
      turn.unlock();
    }
  }

  // ---------------------------------------------------------------- orders

  /**
   * What an order would be about, as far as letters are known.
   *
   * @param open letters that match
   * @param refused of them, those that could not be sent again
   * @param older records that nobody has looked at, and that may match
   */
  public record Expected(int open, int refused, long older) {}

  public Expected expected(Kind kind, LetterFilter filter) {
    return inTurn(
        () -> {
          Marks marks = look();
          int open = 0;
          int refused = 0;
          for (DeadLetter letter : index.newestFirst()) {
            if (filter.matches(letter) && !marks.contains(letter.at())) {
              open++;
              refused += kind == Kind.REQUEUE && resending.obstacle(letter) != null ? 1 : 0;
            }
          }
          return new Expected(open, refused, filter.chosen().isEmpty() ? index.older() : 0);
        });
  }

  /**
   * Begins to handle the letters that match and are there now, in the background.
   *
   * @param rate letters a second, 1 to {@link #HIGHEST_RATE}; of no meaning for those to be dropped
   * @param most letters; 0 for as many as there are
   * @throws LetterException.Conflict if a run is under way
   */
  public RunNote begin(Order by, Kind kind, LetterFilter filter, int rate, long most) {
    if (rate < 1 || rate > HIGHEST_RATE || most < 0) {
      throw new IllegalArgumentException(
          "rate must be from 1 to %d, and most not negative, were %d and %d"
              .formatted(HIGHEST_RATE, rate, most));
    }
    return inTurn(
        () -> {
          Extent extent = topic.extent();
          Map<Integer, Long> ends = new TreeMap<>();
          extent.partitions().forEach((partition, span) -> ends.put(partition, span.end()));
          long nowMs = time.now().wallMs();
          RunNote order =
              new RunNote(
                  kind,
                  filter,
                  rate,
                  most,
                  by.actor(),
                  by.reason(),
                  extent.identity(),
                  ends,
                  nowMs,
                  nowMs,
                  0,
                  0,
                  Status.RUNNING,
                  "");
          refuseSecond();
          return operations.order(by, order.order(), () -> start(order), _ -> "begun");
        });
  }

  /** Two at a time would end each other. */
  private void refuseSecond() {
    current()
        .filter(note -> note.status() == Status.RUNNING)
        .ifPresent(
            note -> {
              throw new LetterException.Conflict(
                  "A run is under way (%s, by %s), or its broker was killed. Stop it, or resume it, first"
                      .formatted(note.order(), note.by()));
            });
  }

  private RunNote start(RunNote order) {
    LetterRun begun = new LetterRun(topic, reader, resending, time, threads, order);
    run = begun;
    begun.start();
    return order;
  }

  /**
   * Ends the run after the step that is under way: what was sent stays sent.
   *
   * @throws LetterException.Conflict if this broker has none
   */
  public RunNote stop(Order by) {
    LetterRun mine = inTurn(this::running);
    return operations.order(
        by,
        "stop: " + mine.note().order(),
        () -> {
          mine.stop();
          boolean _ = mine.awaitEnd(STOPPING);
          return mine.note();
        },
        note -> "stopped after " + note.handled());
  }

  private LetterRun running() {
    LetterRun mine = run;
    if (mine == null || mine.note().status() != Status.RUNNING) {
      throw new LetterException.Conflict(
          "No run of this broker is under way. One of another broker is stopped there, or taken over by 'resume'");
    }
    return mine;
  }

  /**
   * Goes on with the run that was stopped, has failed, or was left by a broker that is gone; takes
   * it over from one that is not. What it has handled is not handled again.
   *
   * @throws LetterException.Conflict if there is none
   */
  public RunNote resume(Order by) {
    return inTurn(
        () -> {
          LetterRun mine = run;
          if (mine != null && mine.note().status() == Status.RUNNING) {
            throw new LetterException.Conflict("It runs already");
          }
          RunNote last =
              current()
                  .filter(note -> note.status() != Status.DONE)
                  .orElseThrow(
                      () -> new LetterException.Conflict("There is no run that is not done"));
          RunNote again = last.now(time.now().wallMs(), last.handled(), 0, Status.RUNNING, "");
          return operations.order(by, "resume: " + last.order(), () -> start(again), _ -> "begun");
        });
  }

  /**
   * The run of this broker, or else what was written down last about any. One whose broker was
   * killed is {@link Status#STOPPED} once it has been silent for half a minute.
   */
  public Optional<RunNote> run() {
    return inTurn(this::current);
  }

  private Optional<RunNote> current() {
    LetterRun mine = run;
    if (mine != null && mine.note().status() == Status.RUNNING) {
      return Optional.of(mine.note());
    }
    Optional<RunNote> written = topic.marks().note().flatMap(RunNote::read).map(this::judged);
    RunNote own = mine == null ? null : mine.note();
    boolean isOwnLater = own != null && written.map(note -> note.atMs() <= own.atMs()).orElse(true);
    return isOwnLater ? Optional.ofNullable(own) : written;
  }

  private RunNote judged(RunNote written) {
    long nowMs = time.now().wallMs();
    boolean isLeft =
        written.status() == Status.RUNNING && written.atMs() + SILENCE.toMillis() < nowMs;
    return isLeft
        ? written.now(
            written.atMs(),
            written.handled(),
            written.refused(),
            Status.STOPPED,
            "its broker has not said anything since")
        : written;
  }

  /**
   * Stops the run, for another process to go on, and lets go of Kafka. What still waits for Kafka
   * after three seconds is left to the end of the process.
   */
  @Override
  public void close() {
    LetterRun mine = run;
    if (mine != null) {
      mine.stop();
    }
    boolean hasEnded = mine == null || mine.awaitEnd(STOPPING);
    if (hasEnded && turn.tryLock()) {
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
