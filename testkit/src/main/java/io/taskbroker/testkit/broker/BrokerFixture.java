package io.taskbroker.testkit.broker;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.broker.BrokerMetrics;
import io.taskbroker.application.broker.BrokerPorts;
import io.taskbroker.application.dispatch.Dispatch.Wish;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.push.PushPorts;
import io.taskbroker.application.store.StoreOpener;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.upkeep.UpkeepEvent;
import io.taskbroker.application.upkeep.UpkeepReport;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.rules.InMemoryRules;
import io.taskbroker.testkit.store.NamedRecipient;
import io.taskbroker.testkit.topics.InMemoryPublisher;
import io.taskbroker.testkit.topics.InMemorySource;
import io.taskbroker.testkit.topics.InMemoryTopics;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A whole broker in one JVM: the real store, intake, upkeep and outbox, over topics and a journal
 * in memory, with a clock that a test sets.
 *
 * <pre>{@code
 * try (BrokerFixture broker = BrokerFixture.start()) {
 *   broker.produce(Activations.pending("a"));
 *   broker.report(broker.take(), Conclusion.COMPLETE);
 * }
 * }</pre>
 *
 * <p>The broker's loops run on threads of their own, so what follows from a step is there a moment
 * later: {@link #take} and {@link #await} wait for it. Time passes only when {@link #time} is told.
 */
public final class BrokerFixture implements AutoCloseable {
  /** The topic that is consumed, and that retries go to. */
  public static final String TOPIC = "taskworker";

  public static final String DEAD_LETTERS = "taskworker-dlq";

  private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

  /** A minute's worth, and more on a busy machine. */
  private static final int MOST_LOOKS = 30_000;

  private final SettableTime time = new SettableTime();
  private final InMemoryTopics topics = new InMemoryTopics(4, time);
  private final InMemoryPublisher publisher = new InMemoryPublisher(topics);
  private final InMemoryRules rules = new InMemoryRules(publisher, Set.of(TOPIC));
  private final Supplier<StoreOpener> stores;
  private final Optional<PushPorts> push;
  private final BrokerMetrics metrics;
  private final Backpressure.Limits limits;
  private final AtomicReference<@Nullable UpkeepReport> lastPass = new AtomicReference<>();
  private final AtomicLong passes = new AtomicLong();
  private Running running;

  BrokerFixture(BrokerFixtureBuilder builder) {
    this.stores = builder.stores;
    this.push = builder.push;
    this.metrics = builder.metrics;
    this.limits = builder.limits;
    this.running = new Running();
  }

  /** A broker over a journal in memory, for workers that fetch. */
  public static BrokerFixture start() {
    return builder().start();
  }

  /** A broker of which some parts are the caller's. */
  public static BrokerFixtureBuilder builder() {
    return new BrokerFixtureBuilder();
  }

  /** What the broker takes for the time. */
  public SettableTime time() {
    return time;
  }

  public InMemoryTopics topics() {
    return topics;
  }

  public InMemoryPublisher publisher() {
    return publisher;
  }

  /** The rules in force, none at first. What is demoted leaves through {@link #publisher}. */
  public InMemoryRules rules() {
    return rules;
  }

  // ---------------------------------------------------------------- producers

  /** Produces tasks to {@link #TOPIC}; where they come from follows from that. */
  public void produce(Activations... tasks) {
    for (Activations task : tasks) {
      NewActivation facts = task.arriving();
      PlainTask plain = PlainTask.of(facts.activation(), facts.payload());
      topics.append(TOPIC, null, plain.encode(), List.of());
    }
  }

  /** The tasks among the records of a topic. */
  public List<PlainTask> tasksIn(String topic) {
    return topics.records(topic).stream()
        .map(SourceRecord::value)
        .flatMap(Stream::ofNullable)
        .flatMap(value -> PlainTask.decode(value).stream())
        .toList();
  }

  // ---------------------------------------------------------------- workers

  /** What a worker gets that asks now, for whatever there is. */
  public Optional<Delivered> next() {
    return next("");
  }

  private Optional<Delivered> next(String worker) {
    return running
        .broker
        .dispatch()
        .next(new Wish(null, null), new NamedRecipient(worker))
        .toCompletableFuture()
        .join();
  }

  /** What a worker gets that asks until there is something. */
  public Delivered take() {
    return takeAs("");
  }

  /**
   * As the other.
   *
   * @param worker who asks, for people
   */
  public Delivered takeAs(String worker) {
    AtomicReference<@Nullable Delivered> taken = new AtomicReference<>();
    await(
        "something to take",
        () -> {
          next(worker).ifPresent(taken::set);
          return taken.get() != null;
        });
    return Objects.requireNonNull(taken.get());
  }

  /** A worker reports on what it took; whether the broker knew of it. */
  public boolean report(Delivered task, Conclusion conclusion) {
    return report(task, conclusion, RetryOverride.NONE);
  }

  public boolean report(Delivered task, Conclusion conclusion, RetryOverride retry) {
    Report report = new Report(task.claim().activation().id(), conclusion, retry);
    return running
        .broker
        .dispatch()
        .report(report, null, Recipient.OF_ANYTHING)
        .toCompletableFuture()
        .join()
        .known();
  }

  // ---------------------------------------------------------------- events

  /** The broker as it runs now; another one after {@link #restart}. */
  public Broker broker() {
    return running.broker;
  }

  /** What the latest pass of upkeep has found; waits for the first. */
  public UpkeepReport lastPass() {
    await("a pass of upkeep", () -> lastPass.get() != null);
    return Objects.requireNonNull(lastPass.get());
  }

  /** Waits for a pass of upkeep that begins after this call. */
  public void awaitUpkeep() {
    long before = passes.get();
    await("two passes of upkeep", () -> passes.get() >= before + 2); // one may have begun before
  }

  /** Stops the broker in good order, and starts another process over what it kept. */
  public void restart() {
    running.onReader(InMemorySource::leave);
    crash();
  }

  /** As {@link #restart}, but without a word to Kafka: nothing more is committed. */
  public void crash() {
    running.close();
    lastPass.set(null);
    running = new Running();
  }

  /** Another member takes the partitions over, in good order, and gives them back at once. */
  public void rebalance() {
    running.onReader(InMemorySource::rebalance);
  }

  /** The partitions are lost before anything more could be committed, and come back at once. */
  public void losePartitions() {
    running.onReader(InMemorySource::lose);
  }

  /** From here on no commit reaches the group. */
  public void stopCommitting() {
    running.onReader(InMemorySource::stopCommitting);
  }

  /** Waits until it is so, or fails with what was waited for. */
  public void await(String what, BooleanSupplier isSo) {
    for (int look = 0; !isSo.getAsBoolean(); look++) {
      running.reader.refuseAfterFailure();
      if (look == MOST_LOOKS) {
        throw new AssertionError("waited in vain for " + what);
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }

  @Override
  public void close() {
    running.onReader(InMemorySource::leave);
    running.close();
  }

  // ---------------------------------------------------------------- one process

  /** Keeps each pass's report, and lets the others count. */
  private void noteUpkeep(UpkeepEvent event) {
    metrics.upkeep().count(event);
    if (event instanceof UpkeepEvent.Passed(UpkeepReport report, Duration _)) {
      lastPass.set(report);
      passes.incrementAndGet();
    }
  }

  /** One run of the broker, and the thread that reads its topic. */
  private final class Running implements AutoCloseable {
    private final Broker broker;
    private final SourceReader reader;

    Running() {
      PlainCodec codec = new PlainCodec();
      broker =
          Broker.open(
              FixtureSettings.broker(limits),
              new BrokerPorts(
                  stores.get(),
                  publisher,
                  _ -> codec,
                  codec,
                  time,
                  SystemThreads.INSTANCE,
                  metrics.withUpkeep(BrokerFixture.this::noteUpkeep),
                  rules.rulebook(),
                  push));
      broker.start();
      reader = new SourceReader(new InMemorySource(topics, broker.intake(TOPIC)), time);
    }

    void onReader(Consumer<InMemorySource> event) {
      await("the reader", reader.soon(event));
    }

    @Override
    public void close() {
      reader.close();
      broker.close();
    }
  }
}
