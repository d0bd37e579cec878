package io.taskbroker.workload;

import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.load.TopicReader;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What most work is done with: two topics, a ledger with readers on both, a broker, a producer. */
public final class Rig implements AutoCloseable {
  private static final int PAYLOAD_BYTES = 1024;
  private static final Duration CATCH_UP = Duration.ofMinutes(1);

  private final Ledger ledger = new Ledger();
  private final BrokerSetup settings;
  private final Topics topics;
  private final TopicReader retries;
  private final TopicReader deadLetters;
  private final ActivationProducer producer;

  private Rig(BrokerSetup settings, int partitions) {
    String kafka = settings.kafka();
    this.settings = settings;
    this.topics = Topics.at(kafka);
    topics.create(settings.topic(), partitions);
    topics.create(settings.deadLetterTopic(), 1);
    this.retries = TopicReader.ofRetries(kafka, settings.topic(), ledger);
    this.deadLetters = TopicReader.ofDeadLetters(kafka, settings.deadLetterTopic(), ledger);
    var target = new ActivationProducer.Target(kafka, settings.topic(), "proving");
    this.producer = new ActivationProducer(target, PAYLOAD_BYTES, ledger);
  }

  /**
   * @param folder of the broker
   * @param kafka its address
   * @param topic that it consumes; has one partition
   * @param limits of the broker that are not its defaults
   */
  public static Rig of(Path folder, String kafka, String topic, Map<String, Object> limits) {
    return of(folder, kafka, topic, 1, limits);
  }

  /**
   * @param folder of the broker
   * @param kafka its address
   * @param partitions of the topic
   * @param limits of the broker that are not its defaults
   */
  public static Rig of(
      Path folder, String kafka, String topic, int partitions, Map<String, Object> limits) {
    BrokerSetup settings =
        BrokerSetup.of(folder, kafka, topic).with("kafka_auto_offset_reset", "earliest");
    for (var limit : limits.entrySet()) {
      settings = settings.with(limit.getKey(), limit.getValue());
    }
    return new Rig(settings, partitions);
  }

  public static Rig of(BrokerSetup settings) {
    return new Rig(settings, 1);
  }

  public BrokerSetup settings() {
    return settings;
  }

  public Ledger ledger() {
    return ledger;
  }

  public Topics topics() {
    return topics;
  }

  public ActivationProducer producer() {
    return producer;
  }

  public BrokerProcess startBroker() {
    return BrokerProcess.start(settings);
  }

  /** The file of the broker, which must have been started once. */
  public StoreWindow view() {
    return StoreWindow.open(settings.store());
  }

  public Workers startWorkers(WorkerSettings pool, TaskKind... kinds) {
    return Workers.start(pool, List.of(kinds), ledger);
  }

  public WorkerSettings workers(int count, int connections) {
    return WorkerSettings.at(settings.grpcAddress(), count, connections);
  }

  /** Waits until every task has come to its end, as far as the ledger knows. */
  public void awaitEnds(Duration patience) {
    Waiting.untilNothingLeft(
        "every task has ended (see " + settings.log() + ")", patience, () -> ledger.unfinished());
  }

  /** Waits until the store shows no row and the group has committed all there is. */
  public void awaitNothingLeft(StoreWindow view, Duration patience) {
    Waiting.untilNothingLeft("the store is empty", patience, () -> view.count());
    Waiting.untilNothingLeft(
        "all offsets are committed",
        patience,
        () -> topics.lag(settings.group(), settings.topic()));
    catchUp();
  }

  /** Waits until the ledger knows all that the topics hold now. */
  public void catchUp() {
    retries.catchUp(CATCH_UP);
    deadLetters.catchUp(CATCH_UP);
  }

  /** Lines of the broker's log at the level ERROR. */
  public long errorLines(BrokerProcess broker) {
    return broker.process().output().lines().filter(line -> line.contains("ERROR")).count();
  }

  @Override
  public void close() {
    producer.close();
    retries.close();
    deadLetters.close();
    topics.close();
  }
}
