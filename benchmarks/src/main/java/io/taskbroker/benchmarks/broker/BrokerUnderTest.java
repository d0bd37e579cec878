package io.taskbroker.benchmarks.broker;

import com.google.protobuf.ByteString;
import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.TemporaryFolder;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.workload.kafka.KafkaProcess;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.load.AttachedSettings;
import io.taskbroker.workload.load.AttachedWorkers;
import io.taskbroker.workload.load.TopicReader;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.HdrHistogram.Histogram;

/**
 * The packaged broker in a process of its own and a real Kafka in another; producers and workers
 * are in this one.
 */
public final class BrokerUnderTest implements AutoCloseable {
  public static final TaskKind TASK = TaskKind.quick("benchmark");

  static final int PAYLOAD_BYTES = 1024;
  private static final String TOPIC = "taskworker";
  private static final String ADMIN_PORT = "admin.port";

  /** More than any benchmark stores, so that no limit holds up intake. */
  private static final int LIMIT = 5_000_000;

  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration FILL = Duration.ofMinutes(10);
  private static final Duration DRAIN = Duration.ofMinutes(20);

  private final Surroundings surroundings;
  private final String topic;
  private final Topics topics;
  private final BrokerProcess broker;

  private BrokerUnderTest(
      Surroundings surroundings, String topic, Topics topics, BrokerProcess broker) {
    this.surroundings = surroundings;
    this.topic = topic;
    this.topics = topics;
    this.broker = broker;
  }

  /** What brokers may share that come one after the other. */
  private record Surroundings(TemporaryFolder folder, KafkaProcess kafka) implements AutoCloseable {
    static Surroundings start(Map<String, String> kafkaProperties) {
      var folder = TemporaryFolder.create();
      return new Surroundings(
          folder, KafkaProcess.start(NodeSettings.in(folder.resolve("kafka")), kafkaProperties));
    }

    @Override
    public void close() {
      try (folder) {
        kafka.close();
      }
    }
  }

  /** Starts both; says how in a remark. */
  static BrokerUnderTest start(BrokerOptions options, Figures figures) {
    return start(options, figures, UnaryOperator.identity());
  }

  /**
   * As {@link #start(BrokerOptions, Figures)}, once {@code prepare} has made of the settings what
   * it wants.
   */
  public static BrokerUnderTest start(
      BrokerOptions options, Figures figures, UnaryOperator<BrokerSetup> prepare) {
    return start(options, figures, prepare, Map.of());
  }

  /**
   * As {@link #start(BrokerOptions, Figures)}.
   *
   * @param kafkaProperties of the Kafka beside it, which come before ours
   */
  public static BrokerUnderTest start(
      BrokerOptions options,
      Figures figures,
      UnaryOperator<BrokerSetup> prepare,
      Map<String, String> kafkaProperties) {
    return launch(options, figures, prepare, Surroundings.start(kafkaProperties));
  }

  /**
   * As {@link #start(BrokerOptions, Figures)}, in place of another broker that has worked: Kafka
   * and the load generator are warm, as they are when a broker is deployed.
   *
   * @param work what the other one does; it has a topic and a store of its own
   */
  static BrokerUnderTest replace(
      BrokerOptions options,
      Figures figures,
      UnaryOperator<BrokerSetup> prepare,
      Consumer<BrokerUnderTest> work) {
    var surroundings = Surroundings.start(Map.of());
    BrokerUnderTest other = launch(options, prepare, surroundings, "predecessor");
    try (other.topics;
        other.broker) {
      work.accept(other);
      other.stop();
    }
    return launch(options, figures, prepare, surroundings);
  }

  private static BrokerUnderTest launch(
      BrokerOptions options,
      Figures figures,
      UnaryOperator<BrokerSetup> prepare,
      Surroundings surroundings) {
    BrokerUnderTest broker = launch(options, prepare, surroundings, TOPIC);
    figures.remark(
        "broker: "
            + options.described()
            + " store.max_pending_count="
            + LIMIT
            + ", all else by default; payload "
            + PAYLOAD_BYTES
            + " bytes; "
            + Runtime.getRuntime().availableProcessors()
            + " processors for broker, load generator and Kafka");
    return broker;
  }

  private static BrokerUnderTest launch(
      BrokerOptions options,
      UnaryOperator<BrokerSetup> prepare,
      Surroundings surroundings,
      String topic) {
    String kafka = surroundings.kafka().address();
    var topics = Topics.at(kafka);
    topics.create(topic, 1);
    BrokerSetup settings =
        prepare.apply(
            BrokerSetup.of(surroundings.folder().resolve("broker-of-" + topic), kafka, topic)
                .with("kafka_auto_offset_reset", "earliest")
                .with("store.max_pending_count", LIMIT)
                .with("store.max_delay_count", LIMIT)
                .with("store.max_processing_count", LIMIT));
    topics.create(settings.deadLetterTopic(), 1);
    return new BrokerUnderTest(
        surroundings, topic, topics, options.launch(settings).awaitServing(START));
  }

  /** Has an admin API, for {@link #admin}. */
  static BrokerSetup withAdmin(BrokerSetup settings) {
    return settings.with(ADMIN_PORT, FreePorts.any());
  }

  /** Its admin API, such as {@code http://127.0.0.1:8081}. */
  String admin() {
    return "http://127.0.0.1:" + broker.settings().further().get(ADMIN_PORT);
  }

  /** A producer of {@link #TASK}s of an application. */
  public ActivationProducer producer(String application, Ledger ledger) {
    var target = new ActivationProducer.Target(surroundings.kafka().address(), topic, application);
    return new ActivationProducer(target, PAYLOAD_BYTES, ledger);
  }

  /** The same with these parameters. */
  public ActivationProducer producer(String application, ByteString parameters, Ledger ledger) {
    var target = new ActivationProducer.Target(surroundings.kafka().address(), topic, application);
    return new ActivationProducer(target, parameters, ledger);
  }

  /**
   * How long tasks take to a plain consumer of Kafka beside the broker.
   *
   * @param micros of those of the ledger that come while it runs; written by its thread
   */
  TopicReader readBeside(Ledger ledger, Histogram micros) {
    return TopicReader.start(
        surroundings.kafka().address(),
        topic,
        task ->
            ledger
                .sinceSent(task)
                .ifPresent(
                    since -> micros.recordValue(TimeUnit.NANOSECONDS.toMicros(since.toNanos()))));
  }

  /** A server beside it that has tasks of the same size and no store. */
  StorelessProcess beside(Class<?> program) {
    return StorelessProcess.start(
        program, surroundings.folder().resolve(program.getSimpleName() + ".log"));
  }

  /** Produces tasks, and returns when the broker has stored them all and told Kafka so. */
  public Ledger fill(String application, int tasks) {
    var ledger = new Ledger();
    try (var producer = producer(application, ledger)) {
      producer.produce(TASK, tasks);
      producer.flush();
    }
    Waiting.until("all tasks are stored", FILL, () -> lag() == 0);
    return ledger;
  }

  /** Records of the topic whose offset the broker has not committed. */
  public long lag() {
    return topics.lag(broker.settings().group(), topic);
  }

  /** Lets workers do all tasks of a ledger, and measures that. */
  public Drained drain(WorkerSettings pool, Ledger ledger) {
    return drain(pool, ledger, () -> {});
  }

  /**
   * As {@link #drain(WorkerSettings, Ledger)}.
   *
   * @param meanwhile called once the workers are there
   */
  Drained drain(WorkerSettings pool, Ledger ledger, Runnable meanwhile) {
    try (var log = Largest.of(this::logBytes)) {
      Duration cpuBefore = cpuTime();
      long start = System.nanoTime();
      var workers = startWorkers(pool, ledger);
      try (workers) {
        meanwhile.run();
        Waiting.until("all tasks are done", DRAIN, () -> ledger.unfinished() == 0);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      return new Drained(
          ledger.account(),
          took,
          cpuTime().minus(cpuBefore),
          workers.callMicros(),
          workers.failedCalls(),
          log.value());
    }
  }

  /** As {@link #drain}, by workers that are attached by streams. */
  Attached drainAttached(AttachedSettings pool, Ledger ledger) {
    Duration cpuBefore = cpuTime();
    long start = System.nanoTime();
    try (var workers = AttachedWorkers.start(pool, List.of(TASK), ledger)) {
      Waiting.until("all tasks are done", DRAIN, () -> ledger.unfinished() == 0);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      return new Attached(
          ledger.account(), took, cpuTime().minus(cpuBefore), workers.tasksPerFrame());
    }
  }

  /** How workers that are attached got through a backlog. */
  record Attached(Account account, Duration took, Duration brokerCpu, double tasksPerFrame) {
    /**
     * @throws IllegalStateException if the broker lost or repeated a task
     */
    Attached {
      if (account.open() > 0 || account.repeats() > 0) {
        throw new IllegalStateException("tasks were lost or repeated: " + account);
      }
    }

    void addTo(Figures figures, String name) {
      figures.add(name + ".rate", account.produced() * 1e9 / took.toNanos(), "tasks/s");
      figures.add(
          name + ".cpu", brokerCpu.toNanos() / 1e3 / account.produced(), "us_of_broker_cpu/task");
      figures.add(name + ".frame", tasksPerFrame, "tasks/frame");
    }
  }

  AttachedSettings attached(int streams, int credit) {
    return AttachedSettings.at(broker.settings().grpcAddress(), streams, credit);
  }

  public Workers startWorkers(WorkerSettings pool, Ledger ledger) {
    return Workers.start(pool, List.of(TASK), ledger);
  }

  public WorkerSettings workers(int count, int connections) {
    return WorkerSettings.at(broker.settings().grpcAddress(), count, connections);
  }

  /** Bytes of the write-ahead log; it is asked of the file system, never opened. */
  private long logBytes() {
    try {
      return Files.size(writeAheadLog());
    } catch (IOException _) {
      return 0; // it is not there now
    }
  }

  String grpcAddress() {
    return broker.settings().grpcAddress();
  }

  /** All that the broker's threads have used so far. */
  public Duration cpuTime() {
    return broker.process().cpuTime();
  }

  public ChildProcess process() {
    return broker.process();
  }

  public Path store() {
    return broker.settings().store();
  }

  /** The store's write-ahead log. */
  public Path writeAheadLog() {
    return store().resolveSibling(store().getFileName() + "-wal");
  }

  /** Stops the broker in order, so that what its JVM records is written. */
  @Override
  public void close() {
    try (surroundings;
        topics;
        broker) {
      stop();
    }
  }

  private void stop() {
    broker.stop(ProcessSignal.TERM);
  }
}
