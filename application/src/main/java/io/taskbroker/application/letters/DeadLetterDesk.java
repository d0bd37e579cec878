package io.taskbroker.application.letters;

import io.taskbroker.application.letters.DeadLetterTopic.Extent;
import io.taskbroker.application.letters.RunNote.Kind;
import io.taskbroker.application.letters.RunNote.Status;
import io.taskbroker.application.operations.Operations;
import io.taskbroker.application.operations.Order;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where operators have dead letters sent again or dropped; {@link #looks} shows them.
 *
 * <p>All methods block while Kafka is read, and throw {@link LetterException} if it cannot be. Safe
 * for any number of threads.
 */
public final class DeadLetterDesk implements AutoCloseable {
  public static final int HIGHEST_RATE = 100_000;

  /** A run that has written nothing for so long has been left by its broker. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private static final Duration STOPPING = Duration.ofSeconds(3);

  private final DeadLetterTopic topic;
  private final Resending resending;
  private final Operations operations;
  private final TimeSource time;
  private final Threads threads;
  private final LetterReader reader;
  private final DeadLetterLooks looks;
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
    this.looks = new DeadLetterLooks(topic, resending, reader, time);
  }

  public String topic() {
    return topic.name();
  }

  /** What operators see of the letters. */
  public DeadLetterLooks looks() {
    return looks;
  }

  // ---------------------------------------------------------------- orders

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
    return looks.inTurn(
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
    LetterRun begun =
        new LetterRun(topic, reader, resending, operations.sentAgain(), time, threads, order);
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
    LetterRun mine = looks.inTurn(this::running);
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
    return looks.inTurn(
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
    return looks.inTurn(this::current);
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
    if (mine == null || mine.awaitEnd(STOPPING)) {
      looks.close();
    }
  }
}
