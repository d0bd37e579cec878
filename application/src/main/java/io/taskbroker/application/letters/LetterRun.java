package io.taskbroker.application.letters;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.letters.DeadLetterTopic.Hand;
import io.taskbroker.application.letters.DeadLetterTopic.Handling;
import io.taskbroker.application.letters.DeadLetterTopic.Marks;
import io.taskbroker.application.letters.DeadLetterTopic.Reading;
import io.taskbroker.application.letters.DeadLetterTopic.Span;
import io.taskbroker.application.letters.RunNote.Kind;
import io.taskbroker.application.letters.RunNote.Status;
import io.taskbroker.application.operations.SentAgain;
import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through the dead letters once, and handles those that match and are not handled. Each is
 * handled once, whatever ends a run and however often it is taken up: a letter's mark and the
 * record that takes its place are in Kafka together or not at all, and the marks are read after the
 * topic was taken over, when nobody else can add any.
 */
final class LetterRun {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::dead_letters");

  /** Of one transaction. */
  private static final int MOST_TOGETHER = 500;

  /** Of what is sent in one transaction, and held until then; one letter may have more. */
  private static final long MOST_BYTES_TOGETHER = 4 * 1024 * 1024;

  /** Others count a run as left after a silence that is much longer. */
  private static final long LONGEST_SILENCE_MS = 5_000;

  /** A run that is to send fewer a second sends one at a time. */
  private static final int STEPS_A_SECOND = 10;

  /** How long Kafka is left alone after it did not answer. */
  private static final Duration REST = Duration.ofSeconds(1);

  private static final long SECOND = 1_000_000_000;

  private final DeadLetterTopic topic;
  private final LetterReader reader;
  private final Resending resending;
  private final SentAgain sentAgain;
  private final TimeSource time;
  private final Threads threads;
  private final RunNote order;
  private final Signal stop;
  private final Job job;
  private final List<Waiting> batch = new ArrayList<>();
  private volatile RunNote note;
  private volatile boolean stopping;
  private long due;
  private long batchBytes;

  /** When its note was written last; Unix milliseconds. */
  private long saidMs;

  /** Kafka has not answered since the last note. */
  private boolean isWaiting;

  /** The last note that Kafka has, and the last that it was given. */
  private String lastWritten = "";

  private String lastTried = "";

  /** One letter that is about to be handled. */
  private record Waiting(DeadLetter letter, Handling handling) {}

  /**
   * @param sentAgain told which task each letter has become
   * @param order what is to be done, and how much of it has been done before
   */
  LetterRun(
      DeadLetterTopic topic,
      LetterReader reader,
      Resending resending,
      SentAgain sentAgain,
      TimeSource time,
      Threads threads,
      RunNote order) {
    this.topic = topic;
    this.reader = reader;
    this.resending = resending;
    this.sentAgain = sentAgain;
    this.time = time;
    this.threads = threads;
    this.order = order;
    this.note = order;
    this.stop = threads.signal();
    this.job = threads.job("dead-letters", Threads.Kind.VIRTUAL, this::run);
  }

  LetterRun start() {
    job.start();
    return this;
  }

  /** How far it is. Safe for all threads. */
  RunNote note() {
    return note;
  }

  /** Ends it after the step that is under way. Safe for all threads. */
  void stop() {
    stopping = true;
    stop.raise();
  }

  boolean awaitEnd(Duration longest) {
    return job.awaitEnd(longest);
  }

  private void run() {
    LOG.info("{}: begins, by {}", order.order(), order.by());
    try {
      boolean isThrough = isThrough();
      while (!isThrough && !stopping) {
        boolean _ = stop.await(REST);
        isThrough = !stopping && isThrough();
      }
      if (!isThrough) {
        note = at(Status.STOPPED, note.words());
        LOG.info("{}: stopped after {}, as it waited", order.order(), note.handled());
      }
    } catch (LetterException e) {
      // What is written down of it says "running", and that it has not moved since.
      fail(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      fail("a defect of ours: " + e);
      throw e;
    }
  }

  /**
   * Goes through the topic once. What is marked already is passed over, so that it may begin anew.
   *
   * @return false if Kafka has to be waited for
   */
  private boolean isThrough() {
    try {
      demandOwnRun();
      try (Hand hand = topic.take();
          Reading reading = topic.reading()) {
        due = threads.nanos();
        goThrough(hand, reading);
        end(hand);
      }
      return true;
    } catch (LetterException.Unavailable e) {
      waitFor(String.valueOf(e.getMessage()));
      return false;
    }
  }

  private void waitFor(String why) {
    batch.clear();
    batchBytes = 0;
    if (!isWaiting) {
      isWaiting = true;
      LOG.warn("{}: waits after {}: {}", order.order(), note.handled(), why);
    }
    note =
        note.now(
            note.atMs(),
            note.handled(),
            order.refused(),
            Status.RUNNING,
            "waits for Kafka: " + why);
  }

  /**
   * Somebody may have taken the topic over while Kafka was away for us; it is not taken back.
   *
   * @throws LetterException if so
   */
  private void demandOwnRun() {
    if (isWaiting) {
      String written = topic.marks().note().orElse("");
      boolean isOthers =
          !written.equals(lastTried)
              && !written.equals(lastWritten)
              && RunNote.read(written).filter(one -> one.status() == Status.RUNNING).isPresent();
      if (isOthers) {
        throw new LetterException.TakenOver(new IllegalStateException(written));
      }
    }
  }

  private void write(Hand hand, List<Handling> some, RunNote next) {
    lastTried = next.text();
    hand.handle(some, lastTried);
    lastWritten = lastTried;
    note = next;
    saidMs = next.atMs();
    if (isWaiting) {
      isWaiting = false;
      LOG.info("{}: goes on after {}", order.order(), next.handled());
    }
  }

  private void fail(String words) {
    note = at(Status.FAILED, words);
    LOG.warn(
        "{}: ended after {} ({} refused): {}",
        order.order(),
        note.handled(),
        note.refused(),
        words);
  }

  private void end(Hand hand) {
    boolean isWhole = !isOver() || hasEnough();
    RunNote last = at(isWhole ? Status.DONE : Status.STOPPED, note.words());
    write(hand, List.of(), last);
    LOG.info(
        "{}: {} after {}, {} refused",
        order.order(),
        isWhole ? "done" : "stopped",
        last.handled(),
        last.refused());
  }

  private RunNote at(Status status, String words) {
    return note.now(time.now().wallMs(), note.handled(), note.refused(), status, words);
  }

  private boolean hasEnough() {
    return order.most() > 0 && note.handled() + batch.size() >= order.most();
  }

  private boolean isOver() {
    return stopping || hasEnough();
  }

  // ---------------------------------------------------------------- through the topic

  private void goThrough(Hand hand, Reading reading) {
    DeadLetterTopic.Extent extent = topic.extent();
    Marks marks = topic.marks();
    marks.note().flatMap(RunNote::read).filter(order::isSameRun).ifPresent(this::catchUp);
    say(hand); // others do not begin a run meanwhile, and can go on with this one
    if (!extent.identity().equals(order.identity())) {
      note =
          at(Status.RUNNING, "the topic was created anew meanwhile: there is nothing left to do");
      return;
    }
    for (Map.Entry<Integer, Long> one : order.ends().entrySet()) {
      int partition = one.getKey();
      Span span = extent.partitions().get(partition);
      if (span != null && order.filter().chosen().isEmpty()) {
        goThrough(hand, reading, marks, partition, span.first(), one.getValue());
      }
    }
    for (LetterPosition at : order.filter().chosen()) {
      Span span = extent.partitions().get(at.partition());
      if (span != null && span.holds(at.offset())) {
        goThrough(hand, reading, marks, at.partition(), at.offset(), at.offset() + 1);
      }
    }
    flush(hand);
  }

  /** What was done last is in Kafka, though its answer may have been lost. */
  private void catchUp(RunNote written) {
    note = note.now(note.atMs(), written.handled(), note.refused(), Status.RUNNING, note.words());
  }

  private void say(Hand hand) {
    write(hand, List.of(), at(Status.RUNNING, isWaiting ? "" : note.words()));
  }

  private void goThrough(
      Hand hand, Reading reading, Marks marks, int partition, long from, long to) {
    long next = from;
    while (next < to && !isOver()) {
      List<SourceRecord> some = reading.read(partition, next, to);
      if (some.isEmpty()) {
        return;
      }
      for (SourceRecord record : some) {
        if (isOver()) {
          return;
        }
        LetterPosition at = new LetterPosition(partition, record.offset());
        if (!marks.contains(at)) {
          consider(record);
        }
        if (batch.size() >= together() || batchBytes >= MOST_BYTES_TOGETHER || hasEnough()) {
          flush(hand);
        }
      }
      next = some.getLast().offset() + 1;
      flush(hand);
      if (time.now().wallMs() - saidMs > LONGEST_SILENCE_MS) {
        say(hand);
      }
    }
  }

  private int together() {
    return order.kind() == Kind.DROP
        ? MOST_TOGETHER
        : Math.clamp(order.rate() / STEPS_A_SECOND, 1, MOST_TOGETHER);
  }

  private void consider(SourceRecord record) {
    DeadLetter letter = reader.read(record);
    if (!order.filter().matches(letter)) {
      return;
    }
    switch (order.kind()) {
      case DROP -> batch.add(new Waiting(letter, new Handling(letter.at(), null)));
      case REQUEUE -> {
        String obstacle = resending.obstacle(letter);
        if (obstacle == null) {
          DeadLetterTopic.Resent again =
              resending.again(order.identity(), letter, record, time.now().wallMs());
          batch.add(new Waiting(letter, new Handling(letter.at(), again)));
          batchBytes += again.value().length;
        } else {
          refuse(letter, obstacle);
        }
      }
    }
  }

  private void refuse(DeadLetter letter, String why) {
    note =
        note.now(
            time.now().wallMs(),
            note.handled(),
            note.refused() + 1,
            Status.RUNNING,
            "%s cannot be sent again: %s".formatted(letter.at().words(), why));
  }

  // ---------------------------------------------------------------- step by step

  private void flush(Hand hand) {
    if (batch.isEmpty()) {
      return;
    }
    List<Waiting> some = List.copyOf(batch);
    batch.clear();
    batchBytes = 0;
    try {
      handle(hand, some);
    } catch (LetterException.Refused e) {
      if (some.size() == 1) {
        refuse(some.getFirst().letter(), String.valueOf(e.getMessage()));
      } else {
        some.forEach(one -> handleAlone(hand, one));
      }
    }
    pace(some.size());
  }

  private void handleAlone(Hand hand, Waiting one) {
    try {
      handle(hand, List.of(one));
    } catch (LetterException.Refused e) {
      refuse(one.letter(), String.valueOf(e.getMessage()));
    }
  }

  private void handle(Hand hand, List<Waiting> some) {
    RunNote after =
        note.now(
            time.now().wallMs(),
            note.handled() + some.size(),
            note.refused(),
            Status.RUNNING,
            note.words());
    write(hand, some.stream().map(Waiting::handling).toList(), after);
    some.forEach(this::remember);
  }

  private void remember(Waiting handled) {
    LetterCodec.Names names = handled.letter().names();
    if (names != null && handled.handling().again() != null) {
      sentAgain.sent(names.id(), resending.idOf(order.identity(), handled.letter().at()));
    }
  }

  /**
   * Waits until as much may be sent again; what is late by more than a second is not caught up
   * with.
   */
  private void pace(int sent) {
    if (order.kind() == Kind.DROP) {
      return;
    }
    due = Math.max(due, threads.nanos() - SECOND) + sent * SECOND / order.rate();
    long early = due - threads.nanos();
    if (early > 0 && !isOver()) {
      boolean _ = stop.await(Duration.ofNanos(early));
    }
  }
}
