package io.taskbroker.quickstart;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.FolderLock;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.load.TopicReader;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Everything that it takes to see a task go from a producer through Kafka and the broker to a
 * worker, started and stopped in the right order.
 */
final class Demo {
  private static final String TOPIC = "taskworker";
  private static final int PARTITIONS = 4;
  private static final int PAYLOAD_BYTES = 256;
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** What the broker says goes into a file, where codes for colours are noise. */
  private static final List<String> COLOURLESS = List.of("env", "NO_COLOR=1");

  /**
   * On a machine with far too much to do, where a start has taken more than a minute. A broker that
   * ends at its start is not waited for.
   */
  private static final Duration START = Duration.ofMinutes(5);

  private static final String REMEDY =
      "stop that one, or give this one another folder with --state";

  /** Longer than any task of the demo needs; without any progress for so long, some are lost. */
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  /**
   * The whole stop, and what is left of a start: broker, workers and Kafka have limits of their
   * own, shorter in sum.
   */
  private static final Duration STOP = Duration.ofMinutes(2);

  private final DevSettings settings;
  private final boolean toTheEnd;
  private final PrintStream out;
  private final Ledger ledger = new Ledger();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean kafkaRuns;
  private volatile int exitCode = 1;
  private boolean broken;

  /**
   * @param toTheEnd whether it ends by itself, when the last task is done
   */
  Demo(DevSettings settings, boolean toTheEnd, PrintStream out) {
    this.settings = settings;
    this.toTheEnd = toTheEnd;
    this.out = out;
  }

  /**
   * Asks it to stop, and waits. While Kafka is starting there is nothing to stop in order, and a
   * JVM that is about to end cannot finish that start: then this returns at once.
   *
   * @return false if it had ended by itself
   */
  boolean stopAndAwaitEnd() {
    boolean runs = begun.getCount() == 0 && ended.getCount() > 0;
    stop.countDown();
    if (runs && kafkaRuns) {
      await(ended, STOP);
    } else if (runs) {
      out.println("Stopped before Kafka had started");
      exitCode = 0;
    }
    return runs;
  }

  /** 0 if it ended as it should, else 1; until then 1. */
  int exitCode() {
    return exitCode;
  }

  /**
   * Returns the exit code when all has stopped, and the summary is printed.
   *
   * @throws IllegalStateException if another process uses the folder, or if Kafka or the broker
   *     does not start
   */
  int run() {
    begun.countDown();
    try (FolderLock _ = FolderLock.take(settings.state(), REMEDY)) {
      out.println("Starting Kafka and the broker; everything they keep is in " + settings.state());
      runUnlessStopped();
      if (settings.isQuiet()) {
        exitCode = broken ? 1 : 0;
        return exitCode;
      }
      Summary summary = Summary.of(ledger, isStopping() ? Summary.Open.LEFT : Summary.Open.LOST);
      summary.complaints().forEach(out::println);
      out.println(summary);
      exitCode = !broken && (!toTheEnd || summary.isGood()) ? 0 : 1;
      return exitCode;
    } finally {
      ended.countDown();
    }
  }

  /** A Ctrl-C also ends the broker, so what fails after it is no failure of the demo. */
  private void runUnlessStopped() {
    int port = freePort("Kafka", settings.ports().kafka());
    Path folder = settings.state().resolve("kafka");
    try (Kafka kafka = EmbeddedKafka.start(NodeSettings.on(port, folder), ofTopics())) {
      kafkaRuns = true;
      if (!isStopping()) {
        runOn(kafka);
      }
    } catch (RuntimeException e) {
      if (!isStopping()) {
        throw e;
      }
    }
  }

  /** Whoever tries something out sends it to a topic that nobody has made yet. */
  private Map<String, String> ofTopics() {
    return settings.isQuiet()
        ? Map.of(
            "auto.create.topics.enable", "true", "num.partitions", Integer.toString(PARTITIONS))
        : Map.of();
  }

  private boolean isStopping() {
    return stop.getCount() == 0;
  }

  private int freePort(String whose, int wished) {
    int port = FreePorts.preferably(wished);
    if (port != wished) {
      out.printf("Port %d is taken; %s listens on %d%n", wished, whose, port);
    }
    return port;
  }

  private void runOn(Kafka kafka) {
    try (DemoStore store = DemoStore.start(settings.keeping(), settings.state())) {
      runOn(kafka, store);
    }
  }

  private void runOn(Kafka kafka, DemoStore store) {
    DemoWorkers workers = new DemoWorkers(settings, ledger);
    BrokerSetup broker =
        store.keptBy(
            workers.servedBy(
                BrokerSetup.of(settings.state(), kafka.address(), TOPIC)
                    .at(freePort("the broker", settings.ports().grpc()))
                    .with("admin.port", freePort("the admin API", settings.ports().admin()))
                    .with("admin.without_token", "admin")
                    .with("kafka_auto_offset_reset", "earliest")));
    createTopics(kafka, broker);
    Addresses addresses =
        new Addresses(
            kafka.address(),
            TOPIC,
            broker.grpcAddress(),
            "http://127.0.0.1:" + broker.further().get("admin.port"));
    try {
      if (settings.isQuiet()) {
        serve(broker, addresses);
      } else {
        play(kafka, workers, broker, addresses);
      }
    } finally {
      Addresses.remove(settings.state());
    }
  }

  /** Whatever happens is done by others. */
  private void serve(BrokerSetup broker, Addresses addresses) {
    try (var process = BrokerProcess.launchBy(COLOURLESS, broker);
        QuietLine line = new QuietLine(addresses.dashboard())) {
      FirstRecord.send(addresses.kafka()); // while the broker starts
      welcome(process, addresses);
      while (!await(stop, SECOND) && isAlive(process)) {
        line.next().ifPresent(out::println);
      }
      out.println("Stopping …");
      process.stop(ProcessSignal.TERM);
    }
  }

  private void welcome(BrokerProcess process, Addresses addresses) {
    awaitServing(process);
    addresses.write(settings.state());
    out.println(Welcome.text(settings.state(), process.settings()));
  }

  private void play(Kafka kafka, DemoWorkers workers, BrokerSetup broker, Addresses addresses) {
    try (var retries = TopicReader.ofRetries(kafka.address(), TOPIC, ledger);
        var deadLetters =
            TopicReader.ofDeadLetters(kafka.address(), broker.deadLetterTopic(), ledger);
        var process = BrokerProcess.launchBy(COLOURLESS, broker)) {
      welcome(process, addresses);
      try (var _ = workers.start(broker);
          var _ = startProducer(kafka)) {
        LiveLine line = new LiveLine(ledger);
        if (toTheEnd) {
          awaitEnd(process, line);
        } else {
          awaitStop(process, line);
        }
      }
      catchUp(retries);
      catchUp(deadLetters);
      process.stop(ProcessSignal.TERM);
    }
  }

  private static void awaitServing(BrokerProcess broker) {
    try {
      broker.awaitServing(START);
    } catch (IllegalStateException _) { // its message is the whole log
      throw new IllegalStateException(
          "the broker does not serve; its last line is: %s%nIts log is %s"
              .formatted(broker.lastLine(), broker.settings().log()));
    }
  }

  private static void createTopics(Kafka kafka, BrokerSetup broker) {
    try (Topics topics = Topics.at(kafka.address())) {
      topics.create(broker.topic(), PARTITIONS);
      topics.create(broker.deadLetterTopic(), 1);
    }
  }

  private PacedProducer startProducer(Kafka kafka) {
    var target = new ActivationProducer.Target(kafka.address(), TOPIC, DemoTasks.APPLICATION);
    return PacedProducer.start(
        new ActivationProducer(target, PAYLOAD_BYTES, ledger),
        ledger,
        settings.tasks(),
        settings.ratePerSecond());
  }

  private void awaitStop(BrokerProcess broker, LiveLine line) {
    while (!await(stop, SECOND) && isAlive(broker)) {
      out.println(line.next());
      ledger.settle();
    }
    out.println("Stopping …");
  }

  private void awaitEnd(BrokerProcess broker, LiveLine line) {
    long progress = -1;
    long sinceNanos = System.nanoTime();
    while (!await(stop, SECOND) && isAlive(broker)) {
      out.println(line.next());
      if (line.ended() == settings.tasks()) {
        return;
      }
      if (line.progress() > progress) {
        progress = line.progress();
        sinceNanos = System.nanoTime();
      } else if (System.nanoTime() - sinceNanos > PATIENCE.toNanos()) {
        out.println("Nothing has happened for " + PATIENCE.toSeconds() + " s");
        return;
      }
    }
  }

  private boolean isAlive(BrokerProcess broker) {
    broken = !broker.process().isAlive();
    if (broken) {
      out.println("The broker has ended; its log, " + broker.settings().log() + ", says why");
    }
    return !broken;
  }

  private static void catchUp(TopicReader reader) {
    reader.catchUp(Duration.ofSeconds(20));
  }

  private static boolean await(CountDownLatch latch, Duration patience) {
    try {
      return latch.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
