package io.taskbroker.adapters.metrics;

import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.broker.BrokerMetrics;
import io.taskbroker.application.broker.Vitals;
import io.taskbroker.application.dispatch.CallMetrics;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.push.PushEvent;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * All that the broker counts. Counting is cheap and never waits; once a second a thread sums up
 * what happened, and sends it.
 */
public final class Metrics implements AutoCloseable {
  private static final Duration FLUSH_EVERY = Duration.ofSeconds(1);

  /** For looking up the agent's name, the slowest part. */
  private static final Duration LONGEST_TURN = Duration.ofMinutes(1);

  private final Meters meters = new Meters();
  private final Tags everywhere;
  private final TimeSource time;
  private final ByTag<RecordCounts> records;
  private final BrokerMetrics broker;
  private final TaskCounts tasks;
  private final CallMetrics calls;
  private final EventSink<JournalEvent> journal;
  private final EventSink<PushEvent> push;
  private final JvmSampler jvm;
  private final List<Heartbeat> heartbeats;
  private final Loop sender;
  private final Loop sampler;

  private final Optional<AgentLink> agent;
  private volatile boolean started;

  public Metrics(MetricsSettings settings, TimeSource time) {
    this.everywhere = new Tags(new TreeMap<>(settings.everywhere()));
    this.time = time;
    this.records = meters.by(topic -> new RecordCounts(meters, topic));
    ByTag<IntakeCounts> intake = meters.by(topic -> new IntakeCounts(meters, topic));
    this.tasks = new TaskCounts(meters);
    DispatchCounts dispatch = new DispatchCounts(meters);
    this.broker =
        new BrokerMetrics(
            topic -> intake.of(topic),
            store -> new MeasuredDispatch(store, dispatch, time),
            new StoreCounts(meters, tasks),
            new UpkeepCounts(meters),
            new OutboxCounts(meters),
            new RulesCounts(meters),
            new ExchangeCounts(meters, dispatch));
    this.calls = new CallCounts(meters);
    this.journal = new StoreCounts.OfJournal(meters);
    this.push = new PushCounts(meters, time);
    this.jvm = new JvmSampler(meters, time);
    this.agent = settings.agent().map(wanted -> new AgentLink(wanted, everywhere, time));
    Heartbeat sending = heartbeat("metrics", "Nothing is counted out to the agent meanwhile", time);
    Heartbeat sampling = heartbeat("jvm-sampler", "What is said of the JVM is old meanwhile", time);
    this.heartbeats = List.of(sending, sampling);
    this.sender =
        Loop.enduring(
            SystemThreads.INSTANCE,
            "metrics",
            this::turn,
            FLUSH_EVERY,
            new Defects("metrics were not sent", time),
            sending);
    this.sampler =
        Loop.enduring(
            SystemThreads.INSTANCE,
            "jvm-sampler",
            () -> {
              jvm.sample();
              return 0;
            },
            settings.samplerInterval(),
            new Defects("the JVM's metrics were not taken", time),
            sampling);
  }

  private static Heartbeat heartbeat(String name, String consequence, TimeSource time) {
    return new Heartbeat(
        name,
        time,
        LONGEST_TURN,
        "it does not come back from its turn",
        consequence
            + "; nothing else is concerned. Take a thread dump (SIGQUIT), which shows what it waits"
            + " for: the agent's name may not be resolved.");
  }

  /** The signs of life of its threads. Tasks can do without them. */
  public List<Heartbeat> heartbeats() {
    return heartbeats;
  }

  /** For the broker's parts. */
  public BrokerMetrics broker() {
    return broker;
  }

  /** A decoder that counts what {@code decoder} reads from a topic. */
  public ActivationDecoder measured(String topic, ActivationDecoder decoder) {
    return new MeasuredDecoder(decoder, records.of(topic), time);
  }

  /** For a server. */
  public CallMetrics calls() {
    return calls;
  }

  /** For the journal. */
  public EventSink<JournalEvent> journal() {
    return journal;
  }

  /** For pushing. */
  public EventSink<PushEvent> push() {
    return push;
  }

  /** What Prometheus reads. */
  public MetricsPage page() {
    return new MetricsPage(collected());
  }

  PrometheusPage collected() {
    tasks.sumUp();
    return new PrometheusPage(meters, everywhere);
  }

  /** From here on tells how the broker is, too. */
  public Metrics watch(Supplier<Vitals> vitals) {
    meters.sample(new VitalSigns(vitals));
    return this;
  }

  /** From here on tells how large the store's files are, too. */
  public Metrics watch(Path database) {
    meters.sample(new StoreFiles(database));
    return this;
  }

  public Metrics start() {
    started = true;
    sampler.start();
    sender.start();
    return this;
  }

  private int turn() {
    tasks.sumUp();
    DogStatsd now = agent.map(AgentLink::now).orElse(null);
    meters.flush(now == null ? Unsent.INSTANCE : now);
    return 0;
  }

  /** Sends what has been counted until now. */
  @Override
  public void close() {
    sampler.close();
    sender.close();
    if (!started) {
      return;
    }
    started = false;
    turn();
    agent.ifPresent(AgentLink::close);
  }

  /** Sums up without telling anybody. */
  private enum Unsent implements StatsdSink {
    INSTANCE;

    @Override
    public void count(String name, long delta, Tags tags) {}

    @Override
    public void gauge(String name, double value, Tags tags) {}

    @Override
    public void histogram(String name, double value, long times, Tags tags) {}
  }
}
