package io.taskbroker.quickstart;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.proving.kafka.Topics;
import io.taskbroker.proving.ledger.Ledger;
import io.taskbroker.proving.load.ActivationProducer;
import io.taskbroker.proving.load.TopicReader;
import io.taskbroker.proving.process.BrokerProcess;
import io.taskbroker.proving.process.BrokerSettings;
import io.taskbroker.proving.process.Signal;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
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

  /** Longer than any task of the demo needs; without any progress for so long, some are lost. */
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  /** The whole stop: workers, broker and Kafka have limits of their own, shorter in sum. */
  private static final Duration STOP = Duration.ofSeconds(40);

  private final DevSettings settings;
  private final boolean toTheEnd;
  private final PrintStream out;
  private final Ledger ledger = new Ledger();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
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
   * Asks it to stop, and waits.
   *
   * @return false if it had ended by itself
   */
  boolean stopAndAwaitEnd() {
    boolean runs = begun.getCount() == 0 && ended.getCount() > 0;
    stop.countDown();
    if (runs) {
      await(ended, STOP);
    }
    return runs;
  }

  /** 0 if it ended as it should, else 1; until then 1. */
  int exitCode() {
    return exitCode;
  }

  /** Returns the exit code when all has stopped, and the summary is printed. */
  int run() {
    begun.countDown();
    try {
      Path state = settings.state();
      out.println("Starting Kafka and the broker; everything they keep is in " + state);
      int port = FreePorts.preferably(settings.kafkaPort());
      try (Kafka kafka = EmbeddedKafka.start(NodeSettings.on(port, state.resolve("kafka")))) {
        runOn(kafka);
      }
      Summary summary =
          Summary.of(ledger, stop.getCount() == 0 ? Summary.Open.LEFT : Summary.Open.LOST);
      summary.complaints().forEach(out::println);
      out.println(summary);
      exitCode = !broken && (!toTheEnd || summary.isGood()) ? 0 : 1;
      return exitCode;
    } finally {
      ended.countDown();
    }
  }

  private void runOn(Kafka kafka) {
    DemoWorkers workers = new DemoWorkers(settings, ledger);
    BrokerSettings broker =
        workers.servedBy(
            BrokerSettings.of(settings.state(), kafka.address(), TOPIC)
                .at(FreePorts.preferably(settings.grpcPort()))
                .with("kafka_auto_offset_reset", "earliest"));
    createTopics(kafka, broker);
    try (var retries = TopicReader.ofRetries(kafka.address(), TOPIC, ledger);
        var deadLetters =
            TopicReader.ofDeadLetters(kafka.address(), broker.deadLetterTopic(), ledger);
        var process = BrokerProcess.start(broker)) {
      out.println(Welcome.text(settings.state(), broker));
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
      process.stop(Signal.TERM);
    }
  }

  private static void createTopics(Kafka kafka, BrokerSettings broker) {
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
    reader.catchUp(Duration.ofSeconds(10));
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
