package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Stalls;
import io.taskbroker.domain.Moment;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A look a second, and a Kafka that answers between two looks. */
class SilentPartitionsTest {
  private static final String NODE = "node 1 at kafka:9092";

  private final Map<Integer, PartitionReading> readings = new TreeMap<>();
  private final Map<Integer, PartitionAnswer> kafka = new TreeMap<>();
  private final Map<String, Long> answers = new TreeMap<>();
  private final AnsweringKafka questions = new AnsweringKafka();
  private Moment now = new Moment(1_700_000_000_000L, 0);
  private final Stalls stalls = new Stalls(() -> now);
  private final SilentPartitions silent =
      new SilentPartitions(new PartitionLines("tasks", "group", stalls), questions);

  /** Says what {@link #kafka} says at the next look. */
  private final class AnsweringKafka implements SilentPartitions.Questions {
    private int asked;
    private SilentPartitions.@Nullable Answer answer;

    @Override
    public boolean ask(Map<Integer, Long> positions, Moment askedAt) {
      asked++;
      Map<Integer, PartitionAnswer> said = new TreeMap<>(kafka);
      said.keySet().retainAll(positions.keySet());
      answer = new SilentPartitions.Answer(askedAt, said);
      return true;
    }

    @Override
    public SilentPartitions.@Nullable Answer take() {
      SilentPartitions.Answer taken = answer;
      answer = null;
      return taken;
    }

    @Override
    public void close() {}
  }

  private void seconds(int count) {
    for (int second = 0; second < count; second++) {
      silent.look(readings, answers, now);
      now = now.plusMs(1_000);
    }
  }

  private void reads(int partition, long position) {
    readings.put(partition, new PartitionReading(position, false, 0));
  }

  private void ends(int partition, long end) {
    kafka.put(partition, new PartitionAnswer.End(NODE, end));
  }

  @Test
  void aPartitionOfWhichNothingComes_isSaidWithinTenSeconds_withPositionEndAndLeader() {
    reads(0, 7);
    ends(0, 7);
    seconds(20); // a quiet night
    ends(0, 9);
    seconds(10);
    assertThat(stalls.current())
        .containsOnlyKeys("Reading of partition 0 of topic 'tasks'")
        .extractingByKey("Reading of partition 0 of topic 'tasks'")
        .asString()
        .contains("up to offset 9 at " + NODE, "read up to offset 7 since 2023-11-14T22:13:20Z");
  }

  @Test
  void aPartitionOfWhichNobodyIsGivenMore_isDamaged() {
    reads(0, 7);
    kafka.put(0, new PartitionAnswer.LeftOut(NODE, 9));
    seconds(10);
    assertThat(stalls.current().values())
        .singleElement()
        .asString()
        .contains("damaged record at offset 7", NODE, "up to offset 9", "kafka-dump-log.sh");
  }

  @Test
  void itGoesOn_whenTheNextRecordIsRead() {
    reads(0, 7);
    ends(0, 9);
    seconds(20);
    reads(0, 8);
    seconds(1);
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void aPartitionWithoutLeader_isSaidWithinTenSeconds_andSoIsItsNextTrouble() {
    reads(0, 7);
    kafka.put(0, new PartitionAnswer.NoLeader());
    seconds(10);
    assertThat(stalls.current().values()).singleElement().asString().contains("has no leader");
    ends(0, 9);
    seconds(5);
    assertThat(stalls.current().values())
        .singleElement()
        .asString()
        .contains("nothing of it comes");
    ends(0, 7);
    seconds(5);
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void aLeaderThatDoesNotAnswer_isNamed() {
    reads(0, 7);
    kafka.put(0, new PartitionAnswer.NoEnd(NODE));
    seconds(10);
    assertThat(stalls.current().values()).singleElement().asString().contains(NODE);
  }

  @Test
  void aLeaderThatIsSlowOnce_isNoStandstill() {
    reads(0, 7);
    ends(0, 7);
    seconds(10);
    kafka.put(0, new PartitionAnswer.NoEnd(NODE));
    seconds(3);
    ends(0, 7);
    seconds(30);
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void anEmptyPartition_isNoStandstill() {
    reads(0, 0);
    ends(0, 0);
    seconds(100);
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void aPartitionThatIsPaused_isNoStandstill_andNobodyAsks() {
    readings.put(0, new PartitionReading(7, true, 0));
    ends(0, 9);
    seconds(100);
    assertThat(stalls.current()).isEmpty();
    assertThat(questions.asked).isZero();
  }

  @Test
  void recordsThatWaitToBeRead_areNoStandstill() {
    readings.put(0, new PartitionReading(7, false, 1));
    ends(0, 9);
    seconds(100);
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void aPartitionThatWaitsBehindOthersRecords_isNoStandstill() {
    reads(0, 7);
    ends(0, 9);
    readings.put(1, new PartitionReading(0, false, 1));
    for (int second = 0; second < 100; second++) {
      answers.put("1", second / 50L); // the node has more of partition 1 first
      seconds(1);
    }
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void aPartitionThatIsPassedOverWhileOthersAreRead_isSaid() {
    reads(0, 7);
    ends(0, 9);
    for (int second = 0; second < 10; second++) {
      readings.put(1, new PartitionReading(second, false, 1));
      answers.put("1", 10L * second);
      seconds(1);
    }
    assertThat(stalls.current()).containsOnlyKeys("Reading of partition 0 of topic 'tasks'");
  }

  @Test
  void backPressureThatComesAndGoes_doesNotHideAStandstill() {
    ends(0, 9);
    for (int second = 0; second < 30; second++) {
      readings.put(0, new PartitionReading(7, second % 2 == 0, 0));
      seconds(1);
    }
    assertThat(stalls.current()).hasSize(1);
  }

  @Test
  void aPartitionThatGoesToAnotherBroker_isStalledNoMore() {
    reads(0, 7);
    ends(0, 9);
    seconds(20);
    readings.clear();
    seconds(1);
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void aPositionThatIsNotKnown_isNoneThatIsBehind() {
    reads(0, -1);
    ends(0, 9);
    seconds(100);
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void manySilentPartitions_areOneQuestionEachThreeSeconds() {
    for (int partition = 0; partition < 100; partition++) {
      reads(partition, 0);
      ends(partition, 0);
    }
    seconds(31);
    assertThat(questions.asked).isEqualTo(10);
  }
}
