package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.Stalls;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Partition;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a commit that fails, and how long polls wait for one. */
class CommitsTest {
  private static final Partition ZERO = new Partition("tasks", 0);

  private final SettableTime time = new SettableTime();
  private final MemoryIntakeStore store = new MemoryIntakeStore();
  private final Intake intake =
      IntakeBench.intake("tasks", IntakeBench::task, store, new Stalls(time));
  private final Coordinator coordinator = new Coordinator();
  private final TopicIdentity identity = new TopicIdentity();
  private final Commits commits =
      new Commits(coordinator, identity, intake, time, Duration.ofSeconds(5));

  @BeforeEach
  void storeARecord() {
    intake.assigned(Map.of());
    intake.accept(List.of(new SourceRecord(ZERO, 0, 0, new byte[1], List.of())));
    commits.handedOn(ZERO, 1);
    Eventually.holds("it is stored", () -> !intake.committable().isEmpty());
  }

  @AfterEach
  void close() {
    intake.close();
  }

  @Test
  void oneThatIsDenied_isNotTriedAgain() {
    coordinator.answer = new GroupAuthorizationException("tasks");
    commits.commitSome();
    time.advance(Duration.ofMinutes(1));

    assertThatThrownBy(commits::commitSome).isSameAs(coordinator.answer);
    assertThat(coordinator.commits).isEqualTo(1);
    assertThat(commits.areOpen()).isTrue();
  }

  @Test
  void oneThatFailsOtherwise_isTriedAgainAfterARest() {
    coordinator.answer = new DisconnectException();
    commits.commitSome();
    coordinator.answer = null;
    time.advance(Duration.ofMillis(499));
    commits.commitSome();
    assertThat(coordinator.commits).isEqualTo(1);

    time.advance(Duration.ofMillis(1));
    commits.commitSome();

    assertThat(store.acknowledged()).isEqualTo(Map.of(ZERO, 1L));
    assertThat(commits.areOpen()).isFalse();
  }

  /** The id is a help; without it commits are as they were. */
  @Test
  void whereKafkaHasNoRoomForTheIdOfTheTopic_theNextOneIsWithoutIt() {
    Uuid topic = Uuid.randomUuid();
    assertThat(identity.hasChanged(topic)).isFalse();
    coordinator.answer = new OffsetMetadataTooLarge("too large");
    commits.commitSome();
    assertThat(coordinator.beside).isEqualTo(topic.toString());
    coordinator.answer = null;
    time.advance(Duration.ofMillis(500));

    commits.commitSome();

    assertThat(coordinator.beside).isEmpty();
    assertThat(store.acknowledged()).isEqualTo(Map.of(ZERO, 1L));
  }

  /** As at a stop while the group is joined anew: that wait is what the stop has to end. */
  @Test
  void oneThatAStopInterrupts_isMade_andWhatFollowsIsInterruptedInstead() {
    coordinator.wakeup();

    commits.commitNow(Map.of(ZERO, 1L), Duration.ofSeconds(1));

    assertThat(store.acknowledged()).isEqualTo(Map.of(ZERO, 1L));
    assertThat(coordinator.awake).isTrue();
  }

  @Test
  void aPollWaitsUntilACommitIsDue_orWhereReadingIsHeld_untilTheNextLook() {
    Patience patience = new Patience(time.now());
    assertThat(patience.untilNextLook(commits, false, time.now())).isEqualTo(Duration.ofMillis(1));
    commits.commitSome();
    assertThat(patience.untilNextLook(commits, false, time.now()))
        .isEqualTo(Duration.ofMillis(100));

    commits.handedOn(ZERO, 2);
    time.advance(Duration.ofMillis(8));

    assertThat(patience.untilNextLook(commits, false, time.now())).isEqualTo(Duration.ofMillis(42));
    assertThat(patience.untilNextLook(commits, true, time.now())).isEqualTo(Duration.ofMillis(1));
    time.advance(Duration.ofMillis(42));
    assertThat(patience.untilNextLook(commits, false, time.now())).isEqualTo(Duration.ofMillis(6));
  }

  /** Answers each commit at once. */
  private static final class Coordinator extends MockConsumer<byte[], byte[]> {
    @Nullable Exception answer;
    int commits;
    String beside = "";
    boolean awake;

    Coordinator() {
      super("earliest");
    }

    @Override
    public synchronized void commitAsync(
        Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
      commits++;
      offsets.values().forEach(offset -> beside = offset.metadata());
      callback.onComplete(offsets, answer);
    }

    @Override
    public synchronized void commitSync(
        Map<TopicPartition, OffsetAndMetadata> offsets, Duration patience) {
      if (awake) {
        awake = false;
        throw new WakeupException();
      }
      commits++;
    }

    @Override
    public synchronized void wakeup() {
      awake = true;
    }
  }
}
