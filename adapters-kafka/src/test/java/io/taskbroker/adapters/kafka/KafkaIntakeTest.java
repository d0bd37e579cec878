package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Partition;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedKafka.class)
class KafkaIntakeTest {
  private static final Partition QUIET = new Partition("quiet", 0);

  private final KafkaBench kafka;

  KafkaIntakeTest(KafkaBench kafka) {
    this.kafka = kafka;
  }

  @Test
  void allRecordsReachTheStore_inTheOrderOfTheirPartition_andAreCommitted() {
    kafka.create("all", 3);
    kafka.produce("all", 3, 1_000);
    try (var broker = IntakeBench.start(kafka.consumed("all"))) {
      broker.awaitRows(3_000);

      assertThat(broker.store.offsets())
          .hasSize(3)
          .allSatisfy((_, stored) -> inOrder(stored, 0, 1_000));
      awaitCommitted("all", KafkaBench.everywhere(3, 1_000));
      Eventually.holds(
          "the store knows what is committed",
          () -> broker.store.acknowledged().values().stream().filter(p -> p == 1_000).count() == 3);
      Eventually.holds("nothing stalls", () -> broker.stall().isEmpty());
      assertThat(broker.crashes).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "snappy", "lz4", "zstd"})
  void compressedRecords_areRead(String codec) {
    String topic = "compressed-" + codec;
    kafka.create(topic, 1);
    kafka.produceCompressed(topic, 200, codec);
    try (var broker = IntakeBench.start(kafka.consumed(topic))) {
      broker.awaitRows(200);
    }
  }

  @Test
  void whatIsStored_isCommittedSoon_oneRecordAfterTheOther() {
    kafka.create("quiet", 1);
    // An interval longer than anything here waits for: what is committed was not due to it.
    try (var broker =
        IntakeBench.start(TopicSettings.committing(kafka.consumed("quiet"), Duration.ofHours(1)))) {
      for (int count = 1; count <= 3; count++) {
        kafka.produce("quiet", 1, 1);
        broker.awaitRows(count);
        long position = count;
        Eventually.holds(
            "the position is committed",
            () -> position == broker.store.acknowledged().getOrDefault(QUIET, 0L));
      }
    }
  }

  /** One that waits would go on waiting until the clock is where it was. */
  @Test
  void anotherMemberTakesOver_whenTheClockIsSetBack() {
    kafka.create("set-back", 1);
    kafka.produce("set-back", 1, 10);
    try (var broker = IntakeBench.start(kafka.consumed("set-back"))) {
      broker.awaitRows(10);
      String first = kafka.members("set-back").getFirst();

      broker.setClockBack(Duration.ofHours(1));

      Eventually.holds(
          "another one is the member",
          () -> kafka.members("set-back").stream().anyMatch(member -> !member.equals(first)));
      kafka.produce("set-back", 1, 10);
      broker.awaitRows(20);
    }
  }

  @Test
  void nothingIsCommitted_thatIsNotStored() {
    kafka.create("unstored", 1);
    kafka.produce("unstored", 1, 300);
    try (var broker = IntakeBench.start(kafka.consumed("unstored"))) {
      broker.awaitRows(300);
      awaitCommitted("unstored", Map.of(0, 300L));

      broker.store.stick();
      kafka.produce("unstored", 1, 2_000);
      Eventually.holds("the store is at it", broker.store::isWorking);
      // Two commit intervals' worth of polls, during which a wrong commit would have been made.
      pause(300);
      assertThat(kafka.committed("unstored")).isEqualTo(Map.of(0, 300L));

      broker.store.goOn();
      awaitCommitted("unstored", Map.of(0, 2_300L));
    }
  }

  @Test
  void whileTheStoreIsFull_theMemberStaysInItsGroup_andGoesOnWhereItWas() {
    kafka.create("full", 2);
    KafkaTopicSettings topic =
        TopicSettings.withSession(kafka.consumed("full"), Duration.ofSeconds(15));
    try (var broker = IntakeBench.start(topic)) {
      kafka.produce("full", 2, 10);
      broker.awaitRows(20);
      broker.store.fill();
      kafka.produce("full", 2, 3_000);
      Eventually.holds("the hold is explained", () -> broker.stall().contains("max_pending_count"));

      pause(16_000); // longer than a session

      assertThat(broker.store.lost()).isEmpty();
      assertThat(broker.store.size()).isEqualTo(20);
      // What was on its way is in memory; the rest is left with Kafka.
      assertThat(broker.handedOn).hasValueLessThan(20 + 2_000);
      broker.store.goOn();
      broker.awaitRows(6_020);
      assertThat(broker.store.offsets()).allSatisfy((_, stored) -> inOrder(stored, 0, 3_010));
      Eventually.holds("the stall has ended", () -> broker.stall().isEmpty());
    }
  }

  @Test
  void whileMembersComeAndGo_noRecordIsStoredTwice_andNoneIsMissed() throws InterruptedException {
    int partitions = 6;
    kafka.create("shared", partitions);
    KafkaTopicSettings topic = kafka.consumed("shared");
    var produced = new AtomicLong();
    var enough = new AtomicBoolean();
    Thread load =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!enough.get()) {
                    kafka.produce("shared", partitions, 10);
                    produced.addAndGet(10);
                    pause(20); // the pace of this producer: the stores keep all of it in memory
                  }
                });
    List<IntakeBench> all = new ArrayList<>();
    try {
      all.add(startWithAShare(topic));
      all.add(startWithAShare(topic));
      all.getFirst().close();
      all.add(startWithAShare(topic));
      all.add(startWithAShare(topic));
      all.get(1).close();
      all.add(startWithAShare(topic));
      enough.set(true);
      load.join();
      awaitCommitted("shared", KafkaBench.everywhere(partitions, produced.get()));
    } finally {
      enough.set(true);
      all.forEach(IntakeBench::close);
    }

    for (int partition = 0; partition < partitions; partition++) {
      List<Long> stored = new ArrayList<>();
      for (IntakeBench broker : all) {
        stored.addAll(broker.store.offsets().getOrDefault(partition, List.of()));
      }
      stored.sort(null);
      inOrder(stored, 0, produced.get());
    }
  }

  private static IntakeBench startWithAShare(KafkaTopicSettings topic) {
    IntakeBench broker = IntakeBench.start(topic);
    Eventually.holds("a new member has its share", () -> broker.store.size() > 500);
    return broker;
  }

  @Test
  void aStoreThatDoesNotFinish_delaysAHandOverByFourSeconds_andStoresNothingAfterIt() {
    kafka.create("stuck", 2);
    KafkaTopicSettings topic = kafka.consumed("stuck");
    try (var slow = IntakeBench.start(topic)) {
      kafka.produce("stuck", 2, 10);
      slow.awaitRows(20);
      awaitCommitted("stuck", KafkaBench.everywhere(2, 10));
      slow.store.stick();
      kafka.produce("stuck", 2, 2_000);
      Eventually.holds("a batch has begun", slow.store::isWorking);
      try (var other = IntakeBench.start(topic)) {
        // While the first still works: without a limit of its own this would never be.
        Eventually.holds("the other has its share", () -> other.store.size() > 0);
        assertThat(slow.store.isWorking()).isTrue();
        slow.store.goOn();
        awaitCommitted("stuck", KafkaBench.everywhere(2, 2_010));

        // Whoever has a partition now stored all of it that was not committed, in order.
        List<Long> ours = other.store.offsets().values().iterator().next();
        inOrder(ours, 10, 2_010);
      }
    }
  }

  @Test
  void aMemberThatWasExpelled_commitsNothingMore_andReadsAgainWhatWasNotCommitted() {
    kafka.create("expelled", 1);
    KafkaTopicSettings topic =
        TopicSettings.withSession(kafka.consumed("expelled"), Duration.ofSeconds(3));
    try (var broker = IntakeBench.start(topic)) {
      kafka.produce("expelled", 1, 10);
      broker.awaitRows(10);
      awaitCommitted("expelled", Map.of(0, 10L));
      broker.store.stick();
      kafka.produce("expelled", 1, 10);
      Eventually.holds("the batch has begun", broker.store::isWorking);

      kafka.expel("expelled");

      Eventually.holds("the loss is told", () -> !broker.store.lost().isEmpty());
      assertThat(kafka.committed("expelled")).isEqualTo(Map.of(0, 10L));
      broker.store.goOn();
      awaitCommitted("expelled", Map.of(0, 20L));
      assertThat(broker.store.offsets().get(0)).contains(10L, 19L);
    }
  }

  @Test
  void aClosedIntake_hasCommittedAllThatIsStored_andLeftItsGroup() {
    kafka.create("closed", 2);
    // A member that had not left would be waited for until its session ended.
    KafkaTopicSettings topic =
        TopicSettings.withSession(kafka.consumed("closed"), Duration.ofMinutes(10));
    kafka.produce("closed", 2, 5_000);
    IntakeBench first = IntakeBench.start(topic);
    first.awaitRows(3_000);
    first.close();

    long stored0 = first.store.offsets().getOrDefault(0, List.of()).size();
    long stored1 = first.store.offsets().getOrDefault(1, List.of()).size();
    Map<Integer, Long> committed = kafka.committed("closed");
    assertThat(committed.getOrDefault(0, 0L)).isEqualTo(stored0);
    assertThat(committed.getOrDefault(1, 0L)).isEqualTo(stored1);

    try (var second = IntakeBench.start(topic)) {
      Eventually.holds(
          "the next has all the rest", () -> second.store.size() + first.store.size() == 10_000);
    }
  }

  @Test
  void recordsLargerThanAFetch_pass() {
    kafka.create("large", 1, Map.of("max.message.bytes", "10000000"));
    kafka.produce(new ProducerRecord<>("large", 0, null, new byte[6_000_000]));
    kafka.produce(new ProducerRecord<>("large", 0, null, new byte[9_000_000]));
    kafka.produce("large", 1, 1);
    try (var broker = IntakeBench.start(kafka.consumed("large"))) {
      broker.awaitRows(3);

      assertThat(broker.store.rows())
          .extracting(row -> row.payload().length)
          .containsExactly(6_000_000, 9_000_000, 1);
    }
  }

  @Test
  void whatAProducerTookBack_isNotRead() {
    kafka.create("transactions", 1);
    kafka.produceInTransaction("transactions", 10, KafkaProducer::abortTransaction);
    kafka.produceInTransaction("transactions", 5, KafkaProducer::commitTransaction);
    try (var broker = IntakeBench.start(kafka.consumed("transactions"))) {
      broker.awaitRows(5);

      // Offset 10 is the marker of the end of the first transaction.
      assertThat(broker.store.offsets()).isEqualTo(Map.of(0, List.of(11L, 12L, 13L, 14L, 15L)));
      awaitCommitted("transactions", Map.of(0, 17L)); // behind the marker of the second
    }
  }

  @Test
  void aTombstone_isHandedOnWithoutValue() {
    kafka.create("tombstone", 1);
    kafka.produce(
        new ProducerRecord<byte[], byte[]>(
            "tombstone", 0, 1_700_000_000_123L, null, null, List.of()));
    try (var broker = IntakeBench.start(kafka.consumed("tombstone"))) {
      broker.awaitRows(1);

      NewActivation row = broker.store.rows().getFirst();
      assertThat(row.payload()).isEmpty();
      assertThat(row.activation().receivedAtMs()).isEqualTo(1_700_000_000_123L);
    }
  }

  @Test
  void aMemberWithoutPartition_standsBy_saysSo_andTakesOver() {
    kafka.create("standby", 1);
    KafkaTopicSettings topic = kafka.consumed("standby");
    try (var log = new CapturedLog("taskbroker::kafka::consumer");
        var first = IntakeBench.start(topic);
        var second = IntakeBench.start(topic)) {
      Eventually.holds("each has its share", () -> kafka.isSettled("standby", 2));
      kafka.produce("standby", 1, 10);
      Eventually.holds("one has them", () -> first.store.size() + second.store.size() == 10);
      Eventually.holds(
          "one stands by",
          () -> log.lines().stream().filter(line -> line.contains("It stands by")).count() == 1);
      Eventually.holds("neither stalls", () -> (first.stall() + second.stall()).isEmpty());
      IntakeBench active = first.store.size() > 0 ? first : second;
      IntakeBench standby = active == first ? second : first;

      active.close();
      kafka.produce("standby", 1, 10);

      standby.awaitRows(10);
    }
  }

  @Test
  void aTopicThatIsNotToBeRead_isLeftToTheOthers_untilItIs() {
    kafka.create("left", 4);
    KafkaTopicSettings topic = kafka.consumed("left");
    try (var first = IntakeBench.start(topic);
        var second = IntakeBench.start(topic)) {
      Eventually.holds("each has its share", () -> kafka.isSettled("left", 2));
      kafka.produce("left", 4, 10);
      Eventually.holds("all are there", () -> first.store.size() + second.store.size() == 40);
      assertThat(first.above.isDeserted()).isFalse();

      first.above.shut();
      Eventually.holds("the group is left", first.above::isDeserted);
      int before = first.store.size();
      awaitCommitted("left", KafkaBench.everywhere(4, 10));
      kafka.produce("left", 4, 10);
      second.awaitRows(80 - before);
      assertThat(first.store.size()).isEqualTo(before);
      assertThat(first.stall()).isEmpty();

      first.above.open();
      Eventually.holds("each has its share again", () -> kafka.isSettled("left", 2));
      kafka.produce("left", 4, 10);
      Eventually.holds("all are there", () -> first.store.size() + second.store.size() == 120);
      assertThat(first.store.size()).isGreaterThan(before);
      assertThat(first.above.isDeserted()).isFalse();
      assertThat(first.crashes).isEmpty();
    }
  }

  @Test
  void aTopicThatIsNotReadFromTheStart_isJoinedByNobody_andTheStoreIsToldHowFarOthersAre() {
    Partition aside = new Partition("aside", 0);
    kafka.create("aside", 1);
    KafkaTopicSettings topic = kafka.consumed("aside");
    kafka.produce("aside", 1, 10);
    try (var other = IntakeBench.start(topic)) {
      other.awaitRows(10);
      awaitCommitted("aside", Map.of(0, 10L));
    }
    MemoryIntakeStore store = new MemoryIntakeStore();
    store.await(Set.of(aside));
    try (var broker = IntakeBench.startShut(topic, store)) {
      Eventually.holds(
          "the store is told of the others",
          () -> store.acknowledged().getOrDefault(aside, 0L) == 10);
      kafka.produce("aside", 1, 10);

      assertThat(broker.above.isDeserted()).isTrue();
      assertThat(store.assignedPositions()).isEmpty();
      broker.above.open();
      broker.awaitRows(10);
      assertThat(broker.stall()).isEmpty();
    }
  }

  @Test
  void whereOthersHaveGotTo_isAskedOfKafka_ifStoredRowsWaitForIt() {
    kafka.create("awaited", 2);
    KafkaTopicSettings topic = kafka.consumed("awaited");
    kafka.produce("awaited", 2, 10);
    try (var other = IntakeBench.start(topic)) {
      other.awaitRows(20);
      awaitCommitted("awaited", KafkaBench.everywhere(2, 10));
      MemoryIntakeStore store = new MemoryIntakeStore();
      store.await(Set.of(new Partition("awaited", 0), new Partition("awaited", 1)));
      try (var _ = IntakeBench.start(topic, store)) {
        Eventually.holds(
            "the store is told of both partitions, of which one is not its own",
            () ->
                store.assignedPositions().size() == 1
                    && List.copyOf(store.acknowledged().values()).equals(List.of(10L, 10L)));
      }
    }
  }

  @Test
  void aTopicThatIsCreatedAnew_isReadFromItsBeginning_andItsPositionsAreItsOwn() {
    Partition anew = new Partition("anew", 0);
    kafka.create("anew", 1);
    kafka.produce("anew", 1, 100);
    try (var broker = IntakeBench.start(kafka.consumed("anew"))) {
      broker.awaitRows(100);
      awaitCommitted("anew", Map.of(0, 100L));

      kafka.delete("anew");
      kafka.create("anew", 1);
      kafka.produce("anew", 1, 3);

      broker.awaitRows(103);
      awaitCommitted("anew", Map.of(0, 3L));
      Eventually.holds(
          "the store knows the position of the new topic",
          () -> broker.store.acknowledged().getOrDefault(anew, -1L) == 3);
      assertThat(broker.store.assignedPositions()).containsEntry(anew, 0L);
      assertThat(broker.crashes).isEmpty();
    }
  }

  @Test
  void aGroupThatWasSetBack_isReadFromThere_andTheStoreForgetsWhatItRemembered() {
    Partition back = new Partition("back", 0);
    kafka.create("back", 1);
    kafka.produce("back", 1, 10);
    try (var earlier = IntakeBench.start(kafka.consumed("back"))) {
      earlier.awaitRows(10);
      awaitCommitted("back", Map.of(0, 10L));
    }
    kafka.setBack("back", 0, 4);

    try (var broker = IntakeBench.start(kafka.consumed("back"))) {
      broker.awaitRows(6);

      assertThat(broker.store.assignedPositions()).containsEntry(back, 4L);
      awaitCommitted("back", Map.of(0, 10L));
    }
  }

  private void awaitCommitted(String topic, Map<Integer, Long> positions) {
    Eventually.holds(
        "%s is committed up to %s".formatted(topic, positions),
        () -> kafka.committed(topic).equals(positions));
  }

  private static void inOrder(List<? extends Long> stored, long from, long to) {
    assertThat(stored).isEqualTo(LongStream.range(from, to).boxed().toList());
  }

  private static void pause(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
