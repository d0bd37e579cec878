package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.application.Stalls;
import io.taskbroker.embeddedkafka.FreePorts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
class KafkaTopicsTest {
  private final KafkaBench kafka;
  private final Stalls stalls = new Stalls(IntakeBench.TIME);
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  KafkaTopicsTest(KafkaBench kafka) {
    this.kafka = kafka;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  @Test
  void whatIsMissing_isCreated_andWhatExistsStaysAsItIs() {
    kafka.create("there-before", 2);

    create(3, kafka.cluster(), "there-before", "new-1", "new-2");

    Eventually.holds("both exist", () -> kafka.exist("new-1", "new-2"));
    assertThat(kafka.partitions("new-1")).isEqualTo(3);
    assertThat(kafka.partitions("new-2")).isEqualTo(3);
    assertThat(kafka.partitions("there-before")).isEqualTo(2);
    assertThat(refusals).isEmpty();
    Eventually.holds("nothing stalls", () -> stalls.current().isEmpty());
  }

  @Test
  void whatIsDeletedLater_isNotCreatedAgain() {
    kafka.create("given-up", 1);
    KafkaTopics topics = create(1, kafka.cluster(), "given-up", "not-there-yet");
    Eventually.holds("no further attempt will be made", topics::areSettled);
    Eventually.holds("the other exists", () -> kafka.exist("not-there-yet"));

    kafka.delete("given-up");

    assertThat(kafka.exist("given-up")).isFalse();
  }

  @Test
  void anInvalidName_isRefused_andDoesNotKeepTheOthers() {
    create(1, kafka.cluster(), "spaces are invalid", "valid");

    Eventually.holds("the other exists", () -> kafka.exist("valid"));
    Eventually.holds("it is refused", () -> !refusals.isEmpty());
    assertThat(refusals).singleElement().asString().contains("'spaces are invalid'");
  }

  @Test
  void noPartitions_areRefused() {
    create(0, kafka.cluster(), "nothing");

    Eventually.holds("it is refused", () -> !refusals.isEmpty());
    assertThat(refusals).singleElement().asString().contains("'nothing'");
  }

  @Test
  void anUnreachableCluster_isExplained_andKeepsNoOther() {
    KafkaClusterSettings dead = KafkaBench.cluster("127.0.0.1:" + FreePorts.any());
    open.add(
        KafkaTopics.createMissing(
            settings(
                1,
                Stream.concat(
                        topics(dead, "unreachable-topic"), topics(kafka.cluster(), "reachable"))
                    .toList()),
            stalls,
            refusals::add));

    Eventually.holds("the other exists", () -> kafka.exist("reachable"));
    Eventually.holds(
        "it is explained", () -> stalls.current().toString().contains("does not answer"));
    assertThat(refusals).isEmpty();
  }

  @Test
  void twoUsersOfOneAddress_createTheirTopicsThemselves() {
    var security =
        new KafkaSecuritySettings("ssl", null, null, null, "/no/such/ca.pem", null, null);
    KafkaClusterSettings other = new KafkaClusterSettings("other", kafka.address(), security);
    open.add(
        KafkaTopics.createMissing(
            settings(
                1,
                Stream.concat(topics(other, "of-the-other"), topics(kafka.cluster(), "of-the-one"))
                    .toList()),
            stalls,
            refusals::add));

    Eventually.holds("the one exists", () -> kafka.exist("of-the-one"));
    Eventually.holds(
        "the other is explained", () -> stalls.current().toString().contains("/no/such/ca.pem"));
    Eventually.holds("the one does not stall", () -> stalls.current().size() == 1);
  }

  @Test
  void theCheckOfADisabledTopic_waitsUntilItExists() {
    open.add(
        KafkaTopicCheck.start(
            topics(kafka.cluster(), "checked").findFirst().orElseThrow(), stalls));
    Eventually.holds(
        "it is explained", () -> stalls.current().toString().contains("does not exist"));

    kafka.create("checked", 1);

    Eventually.holds("it goes on", () -> stalls.current().isEmpty());
  }

  private KafkaTopics create(int partitions, KafkaClusterSettings cluster, String... names) {
    KafkaTopics topics =
        KafkaTopics.createMissing(
            settings(partitions, topics(cluster, names).toList()), stalls, refusals::add);
    open.add(topics);
    return topics;
  }

  private static KafkaSettings settings(int partitions, List<KafkaTopicSettings> topics) {
    return new KafkaSettings(
        topics,
        topics.getFirst(),
        topics.getFirst(),
        "long",
        true,
        partitions,
        Duration.ofMillis(500),
        5_000_000);
  }

  private static Stream<KafkaTopicSettings> topics(KafkaClusterSettings cluster, String... names) {
    return Stream.of(names).map(name -> TopicSettings.of(name, cluster, Use.PRODUCE_ONLY));
  }
}
