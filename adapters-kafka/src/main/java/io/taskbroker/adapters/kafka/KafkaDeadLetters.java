package io.taskbroker.adapters.kafka;

import io.taskbroker.application.letters.DeadLetterTopic;
import io.taskbroker.application.letters.LetterException;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.threads.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dead-letter topic, and beside it the topic {@code <its name>-handled} with the marks, which
 * is created when something is handled first. Connections are opened when they are first needed.
 */
public final class KafkaDeadLetters implements DeadLetterTopic {
  /** Of one call, for which somebody waits. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  static final Duration POLL = Duration.ofMillis(500);

  /** So many times a hand forgets marks when it is taken: more than one run can add. */
  private static final int MOST_TIMES_FORGOTTEN = 10;

  /** Polls in a row that bring nothing, until Kafka counts as away. */
  static final int MOST_POLLS = 20;

  /** For each connection, which owes nobody anything. */
  static final Duration CLOSING = Duration.ofMillis(200);

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::dead_letters");

  private static final String NOTHING = "";

  private final KafkaSettings kafka;
  private final KafkaClusterSettings cluster;
  private final Duration patience;
  private final String name;
  private final LetterMarks marks;
  private final Function<Map<String, Object>, Producer<byte[], byte[]>> producers;
  private final AtomicInteger hands = new AtomicInteger();
  private @Nullable ClusterAdmin admin;
  private @Nullable KafkaConsumer<byte[], byte[]> asking;

  public KafkaDeadLetters(KafkaSettings kafka) {
    this(kafka, PATIENCE);
  }

  /**
   * @param patience how long one call may wait for Kafka
   */
  KafkaDeadLetters(KafkaSettings kafka, Duration patience) {
    this(kafka, patience, KafkaProducer::new);
  }

  /**
   * As the other.
   *
   * @param producers makes a producer with these properties
   */
  KafkaDeadLetters(
      KafkaSettings kafka,
      Duration patience,
      Function<Map<String, Object>, Producer<byte[], byte[]>> producers) {
    this.kafka = kafka;
    this.patience = patience;
    this.producers = producers;
    this.cluster = kafka.producerCluster();
    this.name = kafka.deadletterTopic().name();
    this.marks = new LetterMarks(name + "-handled", this::consumer);
  }

  @Override
  public String name() {
    return name;
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(KafkaClientProperties.reader(cluster, patience));
  }

  @Override
  public synchronized Extent extent() {
    return inWords(
        () -> {
          Optional<Uuid> identity = identity();
          return identity.isEmpty()
              ? new Extent(NOTHING, Map.of())
              : new Extent(identity.get().toString(), spans());
        });
  }

  private Map<Integer, Span> spans() {
    KafkaConsumer<byte[], byte[]> consumer = asking();
    List<TopicPartition> all =
        consumer.partitionsFor(name).stream()
            .map(one -> new TopicPartition(name, one.partition()))
            .toList();
    Map<TopicPartition, Long> ends = consumer.endOffsets(all);
    Map<Integer, Span> spans = new TreeMap<>();
    consumer
        .beginningOffsets(all)
        .forEach(
            (partition, first) ->
                spans.put(
                    partition.partition(),
                    new Span(first, Math.max(first, ends.getOrDefault(partition, first)))));
    return spans;
  }

  private ClusterAdmin admin() {
    ClusterAdmin open = admin;
    if (open == null) {
      open = ClusterAdmin.open(cluster, patience);
      admin = open;
    }
    return open;
  }

  private KafkaConsumer<byte[], byte[]> asking() {
    KafkaConsumer<byte[], byte[]> open = asking;
    if (open == null) {
      open = consumer();
      asking = open;
    }
    return open;
  }

  @Override
  public Reading reading() {
    return inWords(() -> new LetterReading(name, consumer(), this::unavailable));
  }

  @Override
  public synchronized Marks marks() {
    return inWords(() -> refreshed(identity().map(Uuid::toString).orElse(NOTHING)));
  }

  private Marks refreshed(String identity) {
    String own = admin().identity(marks.topic()).map(Uuid::toString).orElse(null);
    if (own == null && hands.get() > 0) { // it was there when the hand was taken
      throw new UnknownTopicOrPartitionException(
          "Kafka does not know topic '%s' of the marks now".formatted(marks.topic()));
    }
    return marks.refreshed(identity, own);
  }

  /**
   * All brokers share one id. So a broker that takes the topic ends what others have under way, and
   * Kafka answers only when that has come to its end. Whoever takes it also removes the marks of
   * letters that Kafka has deleted, or else the topic of the marks would grow for ever.
   */
  @Override
  public Hand take() {
    return inWords(
        () -> {
          synchronized (this) {
            admin().createCompacted(marks.topic(), name);
          }
          Taken first = takeOnce();
          if (hasForgottenIdle(first)) {
            return first.hand();
          }
          first.hand().close(); // whose transaction may be open still
          return takeOnce().hand();
        });
  }

  /**
   * The topic, taken.
   *
   * @param identity of then; from there on nobody else handles any
   */
  private record Taken(LetterHand hand, Optional<Uuid> identity) {}

  private Taken takeOnce() {
    Producer<byte[], byte[]> producer = producers.apply(transactions(kafka, patience));
    Optional<Uuid> identity;
    try {
      producer.initTransactions();
      identity = identity();
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
    hands.incrementAndGet();
    LetterHand hand =
        new LetterHand(
            producer,
            marks.topic(),
            identity.map(Uuid::toString).orElse(NOTHING),
            this::unavailable,
            hands::decrementAndGet);
    return new Taken(hand, identity);
  }

  private synchronized Optional<Uuid> identity() {
    return admin().identity(name);
  }

  /**
   * Removes marks that say nothing any more. What keeps it from that holds nothing else up: they
   * are removed another time.
   *
   * @return whether that was done; if not, the hand is not to be used
   * @throws LetterException if somebody else has taken the topic meanwhile
   */
  private boolean hasForgottenIdle(Taken taken) {
    try {
      for (int i = 0; i < MOST_TIMES_FORGOTTEN; i++) {
        List<byte[]> idle = takeIdle(taken.identity());
        taken.hand().forget(idle);
        if (idle.size() < LetterMarks.MOST_FORGOTTEN) {
          break;
        }
      }
      return true;
    } catch (LetterException.TakenOver e) {
      taken.hand().close();
      throw e;
    } catch (KafkaException | LetterException.Unavailable e) {
      marks.close(); // they may be there still
      LOG.warn(
          "Marks of letters that Kafka has deleted stay in topic '{}', and are removed another"
              + " time: {}",
          marks.topic(),
          e.getMessage());
      return false;
    } catch (RuntimeException e) {
      marks.close();
      taken.hand().close();
      throw e;
    }
  }

  /** Marks of letters that Kafka has deleted; those of a topic that is missing stay. */
  private synchronized List<byte[]> takeIdle(Optional<Uuid> identity) {
    if (identity.isEmpty()) {
      return List.of();
    }
    var _ = refreshed(identity.get().toString());
    return marks.takeIdle(spans());
  }

  /**
   * For the producer of a broker that takes the topic. A transaction whose broker was killed holds
   * up readers of its topics for half as long again as the patience, and no longer; it must leave a
   * living one the time that Kafka takes to answer.
   */
  static Map<String, Object> transactions(KafkaSettings kafka, Duration patience) {
    return KafkaClientProperties.transactions(
        kafka.producerCluster(),
        kafka,
        patience,
        "taskbroker-dead-letters-" + kafka.deadletterTopic().name(),
        patience.multipliedBy(3).dividedBy(2));
  }

  private <T> T inWords(Supplier<T> call) {
    try {
      return call.get();
    } catch (KafkaException e) {
      throw unavailable(e);
    }
  }

  private LetterException unavailable(Throwable thrown) {
    KafkaFailure failure = KafkaFailure.of(thrown, cluster, "topic '" + name + "' of dead letters");
    return new LetterException.Unavailable(
        "%s. %s".formatted(failure.reason(), failure.remedy()), thrown);
  }

  /** New connections are made from the next call on. Does not wait for a call that is under way. */
  public void reconnect() {
    SystemThreads.INSTANCE.job("reconnect-" + name, Threads.Kind.VIRTUAL, this::close).start();
  }

  /** What is asked later is asked over new connections. */
  @Override
  public synchronized void close() {
    marks.close();
    if (asking != null) {
      asking.close(CloseOptions.timeout(CLOSING));
      asking = null;
    }
    if (admin != null) {
      admin.close();
      admin = null;
    }
  }
}
