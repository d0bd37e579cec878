package io.taskbroker.workload.ledger;

import io.taskbroker.proto.v1.TaskActivation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * What became of every task, as seen by those around the broker: by the producer, by the workers,
 * and by whoever reads the retry and the dead-letter topic.
 *
 * <p>The broker is judged by it, so nothing in it comes from the broker's own counts. Safe for all
 * threads.
 */
public final class Ledger {
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
  private static final int DIGITS = 3;

  private final String run = UUID.randomUUID().toString();
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final Map<Integer, Story> stories = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger unfinished = new AtomicInteger();
  private final AtomicLong handouts = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();
  private volatile String acknowledgedBy = "";
  private final AtomicLong strangers = new AtomicLong();
  private final Histogram latencyMicros = new ConcurrentHistogram(LONGEST_MICROS, DIGITS);
  private final Recorder recentMicros = new Recorder(LONGEST_MICROS, DIGITS);
  private final Complaints complaints = new Complaints();
  private final StoryCounts settled = new StoryCounts();
  private volatile Watcher watcher = Watcher.NOBODY;
  private final WrongClocks wrongClocks = new WrongClocks();
  private final Stops stops = new Stops();

  public Ledger() {
    this(System::nanoTime);
  }

  Ledger(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
  }

  /** Has somebody told of each hand-out from here on. */
  public void watch(Watcher by) {
    watcher = by;
  }

  /**
   * The clock of a broker is wrong from now on. Nobody is blamed for handing out too early or too
   * late what was sent while one was.
   */
  public void clockIsWrong() {
    wrongClocks.begin();
  }

  /** Ends one {@link #clockIsWrong}. */
  public void clockIsRight() {
    wrongClocks.end(nanoTime.getAsLong());
  }

  /** Somebody stops the process of the broker with this address. */
  public void brokerStops(String broker) {
    stops.begin(broker, nanoTime.getAsLong());
  }

  /** Ends {@link #brokerStops}. */
  public void brokerGoesOn(String broker) {
    stops.end(broker, nanoTime.getAsLong());
  }

  /** Opens a story, just before its activation is sent. */
  public Label open(TaskKind kind) {
    int number = numbers.getAndIncrement();
    stories.put(number, new Story(kind, nanoTime.getAsLong()));
    return new Label(run, number);
  }

  /** Kafka has acknowledged the activation. From here on the task must not get lost. */
  public void produced(Label label) {
    Story story = stories.get(label.number());
    if (story != null) {
      synchronized (story) {
        story.produced();
        if (!story.isOver()) { // else a worker was quicker than Kafka's acknowledgement
          unfinished.incrementAndGet();
        }
      }
    }
  }

  /** A worker was given this, by the only broker that there is. */
  public @Nullable Handout handedOut(TaskActivation activation, long askedNanos) {
    return handedOut(activation, "", askedNanos);
  }

  /**
   * A worker was given this.
   *
   * @param broker address of the one that it came from
   * @param askedNanos when it asked, by {@link System#nanoTime}
   * @return null if it is none of this ledger's
   */
  public @Nullable Handout handedOut(TaskActivation activation, String broker, long askedNanos) {
    watcher.handedOut(activation.getId());
    Story story = storyOf(activation);
    if (story == null) {
      strangers.incrementAndGet();
      return null;
    }
    handouts.incrementAndGet();
    long now = nanoTime.getAsLong();
    int attempt = activation.getRetryState().getAttempts();
    long decidedNanos = stops.decidedAt(broker, askedNanos, now);
    Handout handout = new Handout(story, activation.getId(), attempt, broker, decidedNanos, now);
    if (story.add(handout) && story.kind().delay() == null) {
      long micros = Math.clamp((now - story.sentNanos()) / 1000, 0, LONGEST_MICROS);
      latencyMicros.recordValue(micros);
      recentMicros.recordValue(micros);
    }
    if (!wrongClocks.wereWrongSince(story.sentNanos())) {
      complaints.aboutHandout(story.kind(), activation);
    }
    return handout;
  }

  /** The worker has done its part, and is about to say so. */
  public void worked(Handout handout) {
    watcher.worked(handout.id());
    change(handout.story(), story -> story.worked(handout));
  }

  /** The broker has acknowledged the worker's report. */
  public void acknowledged(Handout handout) {
    handout.story().acknowledged(handout, nanoTime.getAsLong());
    acknowledgedBy = handout.broker();
    acknowledged.incrementAndGet();
  }

  /** Seen on the topic that retries go to. First attempts, on a topic of both, are passed over. */
  public void retryRecord(TaskActivation activation) {
    int attempt = activation.getRetryState().getAttempts();
    Story story = storyOf(activation);
    if (story != null && attempt > 0) {
      story.retryRecord(activation.getId(), attempt);
      complaints.aboutName(story.kind(), activation);
    }
  }

  /** Seen on the dead-letter topic. */
  public void deadLetter(TaskActivation activation) {
    Story story = storyOf(activation);
    if (story != null) {
      change(story, Story::deadLetter);
      complaints.aboutDeadLetter(story.kind(), activation);
    }
  }

  /** For how long this has been on its way; empty if it is none of this ledger's. */
  public Optional<Duration> sinceSent(TaskActivation activation) {
    return Optional.ofNullable(storyOf(activation))
        .map(story -> Duration.ofNanos(nanoTime.getAsLong() - story.sentNanos()));
  }

  private void change(Story story, Consumer<Story> change) {
    synchronized (story) {
      boolean before = story.isOver();
      change.accept(story);
      if (!before && story.isOver() && story.isProduced()) {
        unfinished.decrementAndGet();
      }
    }
  }

  private @Nullable Story storyOf(TaskActivation activation) {
    Label label = Label.of(activation);
    return label == null || !label.run().equals(run) ? null : stories.get(label.number());
  }

  /** Tasks that Kafka took and whose end nobody has seen. */
  public int unfinished() {
    return unfinished.get();
  }

  /** The same, of one kind. */
  public long unfinished(TaskKind kind) {
    return stories.values().stream().filter(story -> story.isOpen(kind)).count();
  }

  /** Times that a worker was given a task of this ledger. */
  public long handouts() {
    return handouts.get();
  }

  /** Times that the broker acknowledged a worker's report. */
  public long acknowledged() {
    return acknowledged.get();
  }

  /** Address of the broker that acknowledged the latest of them; empty before the first. */
  public String acknowledgedBy() {
    return acknowledgedBy;
  }

  /** Hand-outs of tasks that are not in this ledger, for example of an earlier run. */
  public long strangers() {
    return strangers.get();
  }

  /** What must never happen and did, in words; the first few. */
  public List<String> complaints() {
    return complaints.texts();
  }

  /** Repeats that a broker must not cause, each with its course, in seconds since the beginning. */
  public List<String> unexplained() {
    List<String> texts = new ArrayList<>();
    for (Story story : stories.values()) {
      story.repeats(
          (handouts, cause) -> {
            if (!cause.isExplained() && texts.size() < Complaints.KEPT) {
              texts.add(course(story, handouts, cause));
            }
          });
    }
    return texts;
  }

  /** All repeats, whatever their cause, for a judge who knows what was done to the brokers. */
  public List<Repetition> repetitions() {
    List<Repetition> all = new ArrayList<>();
    for (Story story : stories.values()) {
      story.repeats(
          (handouts, cause) ->
              all.add(
                  new Repetition(
                      handouts,
                      cause,
                      story.records(handouts.getLast().id()),
                      course(story, handouts, cause))));
    }
    return all;
  }

  /**
   * When tasks of one kind came to workers, by {@link System#nanoTime}, in the order of time.
   *
   * @param fromNanos leaves out what was earlier
   */
  public long[] handoutTimes(TaskKind kind, long fromNanos) {
    LongStream.Builder times = LongStream.builder();
    for (Story story : stories.values()) {
      if (story.kind().equals(kind)) {
        story.addTimesTo(times);
      }
    }
    return times
        .build()
        .map(time -> time - fromNanos)
        .filter(since -> since >= 0)
        .sorted()
        .map(since -> since + fromNanos)
        .toArray();
  }

  /** Tasks of one kind that have not ended, each with its course; the first few. */
  public List<String> unended(TaskKind kind) {
    return stories.entrySet().stream()
        .filter(story -> story.getValue().isOpen(kind))
        .limit(Complaints.KEPT)
        .map(
            story ->
                "task %d (%s)%s"
                    .formatted(
                        story.getKey(), kind.taskname(), story.getValue().course(startNanos)))
        .toList();
  }

  private String course(Story story, List<Handout> handouts, Repeat cause) {
    Handout last = handouts.getLast();
    return handouts.stream()
        .map(handout -> handout.since(startNanos))
        .collect(
            Collectors.joining(
                ", ",
                "activation %s (%s, attempt %d) repeated %s: "
                    .formatted(last.id(), story.kind().taskname(), last.attempt(), cause),
                ""));
  }

  /**
   * From the producer's send to the first worker's hands, in microseconds; delayed tasks left out.
   */
  public Histogram latencyMicros() {
    return latencyMicros.copy();
  }

  /** The same in a few figures. */
  public Latency latency() {
    return Latency.of(latencyMicros());
  }

  /** The same, of what was handed out since the last such question. */
  public Latency recentLatency() {
    return Latency.of(recentMicros.getIntervalHistogram());
  }

  public synchronized Account account() {
    StoryCounts tally = new StoryCounts();
    tally.add(settled);
    stories.values().forEach(story -> story.addTo(tally));
    return tally.account();
  }

  /** Keeps the sums of what is over and forgets the rest of it, so that an endless run can last. */
  public synchronized void settle() {
    stories
        .values()
        .removeIf(
            story -> {
              boolean over = story.isProduced() && story.isOver();
              if (over) {
                story.addTo(settled);
              }
              return over;
            });
  }
}
