package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.Publisher.Fate.Acknowledged;
import io.taskbroker.application.upkeep.Publisher.Fate.NotNow;
import io.taskbroker.application.upkeep.Publisher.Fate.Refused;
import io.taskbroker.application.upkeep.Publisher.Fate.Unknown;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.Delivery;
import io.taskbroker.embeddedkafka.KafkaProxy;
import io.taskbroker.embeddedkafka.KafkaProxy.Conduct;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Records that must not be in their topic twice, with a Kafka that is not always there. */
@ExtendWith(SharedKafka.class)
class OncePublishingTest {
  /** For records that are taken in the end. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** For records that are not, once the connection stands. */
  private static final Duration SHORT = Duration.ofSeconds(4);

  private static final int MAX_MESSAGE = 100_000;

  private final KafkaBench kafka;
  private final KafkaProxy proxy;
  private final SettableTime time = new SettableTime();
  private final HostClock clock = new HostClock(time);
  private final List<KafkaPublisher> open = new ArrayList<>();

  OncePublishingTest(KafkaBench kafka, KafkaProxy proxy) {
    this.kafka = kafka;
    this.proxy = proxy;
  }

  private KafkaPublisher patient() {
    return publisher(PATIENCE);
  }

  /** Gives up soon, and has published one record. */
  private KafkaPublisher hasty(String topic) {
    KafkaPublisher hasty = publisher(SHORT);
    Eventually.holds(
        "the connection stands", () -> publish(hasty, topic, once(10)) instanceof Acknowledged);
    return hasty;
  }

  private KafkaPublisher publisher(Duration delivery) {
    KafkaClusterSettings cluster = KafkaBench.cluster(proxy.address());
    var topic = TopicSettings.of("dead", cluster, Use.PRODUCE_ONLY);
    var publisher =
        new KafkaPublisher(
            cluster,
            new KafkaSettings(
                List.of(topic), topic, topic, "long", false, 1, PATIENCE, MAX_MESSAGE),
            delivery,
            clock);
    open.add(publisher);
    return publisher;
  }

  @AfterEach
  void close() {
    open.forEach(KafkaPublisher::close);
    proxy.publishing(Conduct.PASS);
    proxy.admit();
  }

  private static OutgoingRecord once(int bytes) {
    return new OutgoingRecord(new byte[bytes], Map.of(), null, Delivery.AT_MOST_ONCE);
  }

  private static OutgoingRecord repeatable(int bytes) {
    return new OutgoingRecord(new byte[bytes], Map.of(), null, Delivery.AT_LEAST_ONCE);
  }

  private static Fate publish(KafkaPublisher publisher, String topic, OutgoingRecord record) {
    return publisher.publish(topic, List.of(record)).getFirst();
  }

  /**
   * What became of it once it was tried: while Kafka is too slow to say how it is, and while a busy
   * machine comes to no try in time, nothing is sent.
   */
  private static Fate tried(KafkaPublisher publisher, String topic, OutgoingRecord record) {
    return tried(publisher, topic, List.of(record)).getFirst();
  }

  private static List<Fate> tried(
      KafkaPublisher publisher, String topic, List<OutgoingRecord> records) {
    var fates = new AtomicReference<List<Fate>>(List.of());
    Eventually.holds(
        "it is tried",
        () -> {
          fates.set(publisher.publish(topic, records));
          return !fates.get().stream().allMatch(fate -> fate instanceof NotNow);
        });
    return fates.get();
  }

  @Test
  void anAnswerThatIsLost_isAskedForAgain_andTheRecordIsThereOnce() {
    kafka.create("once-answer", 1);
    proxy.publishingNext(Conduct.LOSE_ANSWER);

    assertThat(tried(patient(), "once-answer", once(10))).isInstanceOf(Acknowledged.class);
    assertThat(kafka.end("once-answer")).isEqualTo(1);
  }

  @Test
  void aRequestThatIsLost_isSentAgain_andTheRecordIsThereOnce() {
    kafka.create("once-request", 1);
    proxy.publishingNext(Conduct.LOSE_REQUEST);

    assertThat(tried(patient(), "once-request", once(10))).isInstanceOf(Acknowledged.class);
    assertThat(kafka.end("once-request")).isEqualTo(1);
  }

  /** The client would go on waiting until the clock is where it was. */
  @Test
  void whatWaitsForKafka_endsWhenTheClockIsSetBack_andTheNextRecordsGoThrough() {
    kafka.create("once-set-back", 1);
    KafkaPublisher publisher = patient();
    assertThat(tried(publisher, "once-set-back", once(10))).isInstanceOf(Acknowledged.class);
    proxy.publishing(Conduct.LOSE_ANSWER);

    Fate open =
        whileItWaits(
            () -> publish(publisher, "once-set-back", once(10)),
            () -> {
              time.stepWall(Duration.ofHours(-1));
              clock.look();
            });

    assertThat(open).isInstanceOf(Unknown.class);
    proxy.publishing(Conduct.PASS);
    assertThat(tried(publisher, "once-set-back", once(10))).isInstanceOf(Acknowledged.class);
    assertThat(tried(publisher, "once-set-back", repeatable(10))).isInstanceOf(Acknowledged.class);
  }

  /** Does something once a record of the call has reached Kafka, and returns what the call does. */
  private Fate whileItWaits(Supplier<Fate> call, Runnable meanwhile) {
    long before = kafka.end("once-set-back");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var answer = threads.submit(call::get);
      Eventually.holds("it has reached Kafka", () -> kafka.end("once-set-back") > before);
      meanwhile.run();
      return answer.get(20, TimeUnit.SECONDS); // a third of what it may take by itself
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("it has not ended", e);
    }
  }

  @Test
  void answersThatNeverCome_leaveTheEndUnknown() {
    kafka.create("once-silent", 1);
    KafkaPublisher publisher = hasty("once-silent");
    long before = kafka.end("once-silent");
    proxy.publishing(Conduct.WITHHOLD_ANSWER);

    assertThat(tried(publisher, "once-silent", once(10))).isInstanceOf(Unknown.class);
    assertThat(kafka.end("once-silent")).isEqualTo(before + 1);

    proxy.publishing(Conduct.PASS);
    Eventually.holds(
        "the next is taken",
        () -> publish(publisher, "once-silent", once(10)) instanceof Acknowledged);
  }

  @Test
  void requestsThatAreAlwaysLost_leaveTheEndUnknown() {
    kafka.create("once-never", 1);
    KafkaPublisher publisher = hasty("once-never");
    proxy.publishing(Conduct.LOSE_REQUEST);

    assertThat(tried(publisher, "once-never", once(10))).isInstanceOf(Unknown.class);
  }

  @Test
  void whatWasNeverSent_isKnownNotToBeThere() {
    kafka.create("once-away", 1);
    KafkaPublisher publisher = hasty("once-away");
    long before = kafka.end("once-away");
    proxy.refuse();

    List<Fate> fates = publisher.publish("once-away", List.of(once(10), once(20)));
    assertThat(fates).hasSize(2).allMatch(fate -> fate instanceof NotNow);

    proxy.admit();
    var unknown = new AtomicInteger(); // where a busy machine is too slow to hear that it is taken
    Eventually.holds(
        "it is taken",
        () -> {
          Fate fate = publish(publisher, "once-away", once(10));
          unknown.addAndGet(fate instanceof Unknown ? 1 : 0);
          return fate instanceof Acknowledged;
        });
    assertThat(kafka.end("once-away")).isBetween(before + 1, before + 1 + unknown.get());
  }

  @Test
  void anObstacleOfOthers_keepsARecordFromBeingTried() {
    kafka.create("once-beside", 1);
    KafkaPublisher publisher = hasty("once-beside");
    proxy.publishing(Conduct.LOSE_REQUEST);

    List<Fate> fates = publisher.publish("once-beside", List.of(once(10), repeatable(10)));

    assertThat(fates).allMatch(fate -> fate instanceof NotNow);
  }

  @Test
  void aTimeThatIsRefused_isTriedAgain_andPassesByItself() {
    kafka.create("once-time", 1, Map.of("message.timestamp.before.max.ms", "0"));
    KafkaPublisher publisher = patient();
    var taken = new AtomicInteger(); // what comes within the millisecond of its time is not late

    assertThat(late(publisher, once(10), taken)).isInstanceOf(NotNow.class);
    Eventually.holds(
        "it is explained",
        () -> {
          String fate = late(publisher, repeatable(10), taken).toString();
          return fate.startsWith("NotNow")
              && fate.contains("clock")
              && fate.contains("message.timestamp.before.max.ms");
        });

    kafka.alter("once-time", "message.timestamp.before.max.ms", Long.toString(Long.MAX_VALUE));
    Eventually.holds(
        "it is taken", () -> publish(publisher, "once-time", once(10)) instanceof Acknowledged);
    assertThat(kafka.end("once-time")).isEqualTo(taken.get() + 1);
  }

  private static Fate late(KafkaPublisher publisher, OutgoingRecord record, AtomicInteger taken) {
    Fate fate = publish(publisher, "once-time", record);
    while (fate instanceof Acknowledged) {
      taken.incrementAndGet();
      fate = publish(publisher, "once-time", record);
    }
    return fate;
  }

  @Test
  void whatTheTopicRefuses_isRefusedByItself_amongOthers() {
    kafka.create("once-narrow", 1, Map.of("max.message.bytes", "5000"));

    List<Fate> fates = tried(patient(), "once-narrow", List.of(once(10), once(9_000), once(20)));

    assertThat(fates.get(0)).isInstanceOf(Acknowledged.class);
    assertThat(fates.get(1)).isInstanceOf(Refused.class);
    assertThat(fates.get(2)).isInstanceOf(Acknowledged.class);
    assertThat(kafka.end("once-narrow")).isEqualTo(2);
  }

  @Test
  void aPublisherThatIsClosedMeanwhile_leavesTheEndUnknown() {
    kafka.create("once-closed", 1);
    KafkaPublisher publisher = patient();
    assertThat(tried(publisher, "once-closed", once(10))).isInstanceOf(Acknowledged.class);
    int before = proxy.lost();
    proxy.publishing(Conduct.WITHHOLD_ANSWER);
    var fate = new CompletableFuture<Fate>();
    Thread.ofPlatform().start(() -> fate.complete(tried(publisher, "once-closed", once(10))));
    Eventually.holds("Kafka has it", () -> proxy.lost() > before);

    publisher.close();

    assertThat(fate.join()).isInstanceOf(Unknown.class);
    assertThat(kafka.end("once-closed")).isEqualTo(2);
    assertThat(publish(publisher, "once-closed", once(10))).isInstanceOf(NotNow.class);
  }

  @Test
  void manyRecords_areThereOnce_whateverIsLostOnTheWay() {
    kafka.create("once-many", 1);
    List<OutgoingRecord> records = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      records.add(once(1_000));
    }
    proxy.publishingNext(Conduct.LOSE_ANSWER);

    assertThat(tried(patient(), "once-many", records)).allMatch(Acknowledged.class::isInstance);
    assertThat(kafka.end("once-many")).isEqualTo(500);
  }
}
