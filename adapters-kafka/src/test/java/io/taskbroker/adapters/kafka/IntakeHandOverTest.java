package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Stalls;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a group member relies on when it hands over. */
class IntakeHandOverTest {
  private static final Partition ZERO = new Partition("tasks", 0);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final MemoryIntakeStore store = new MemoryIntakeStore();
  private final Intake intake =
      IntakeBench.intake("tasks", IntakeBench::task, store, new Stalls(IntakeBench.TIME));

  @AfterEach
  void close() {
    store.goOn();
    intake.close();
  }

  @Test
  void whatIsStored_isCommittedAtTheHandOver() {
    intake.assigned(Map.of());
    intake.accept(records(0, 100));
    Eventually.holds("all is stored", () -> store.size() == 100);

    assertThat(intake.revoke(PATIENCE)).isEqualTo(Map.of(ZERO, 100L));
  }

  @Test
  void whatHasBegun_isWaitedFor_andWhatHasNot_isWithdrawn() {
    intake.assigned(Map.of());
    store.stick();
    intake.accept(records(0, 10));
    Eventually.holds("a batch has begun", store::isWorking);
    intake.accept(records(10, 1_000));
    assertThat(intake.wantsMore()).isFalse();
    Thread consumer = Thread.currentThread();
    Thread.ofVirtual()
        .start(
            () -> {
              Eventually.holds(
                  "the hand-over waits", () -> consumer.getState() == Thread.State.TIMED_WAITING);
              store.goOn();
            });

    assertThat(intake.revoke(PATIENCE)).isEqualTo(Map.of(ZERO, 10L));
    assertThat(store.size()).isEqualTo(10);
  }

  @Test
  void aBatchThatEndsInALaterAssignment_setsNobodyBack() {
    intake.assigned(Map.of());
    store.stick();
    intake.accept(records(0, 10));
    Eventually.holds("a batch has begun", store::isWorking);
    intake.lost();
    intake.assigned(Map.of(new Partition("tasks", 1), 0L));

    store.goOn();
    Eventually.holds("the late batch has ended", () -> store.size() == 10);
    List<SourceRecord> elsewhere =
        List.of(new SourceRecord(new Partition("tasks", 1), 0, 0, new byte[1], List.of()));
    intake.accept(elsewhere);
    Eventually.holds("the next is stored", () -> store.size() == 11);

    Eventually.holds(
        "only the next is to be committed",
        () -> intake.committable().equals(Map.of(new Partition("tasks", 1), 1L)));
  }

  private static List<SourceRecord> records(long from, long to) {
    List<SourceRecord> records = new ArrayList<>();
    for (long offset = from; offset < to; offset++) {
      records.add(new SourceRecord(ZERO, offset, 0, new byte[1], List.of()));
    }
    return records;
  }
}
