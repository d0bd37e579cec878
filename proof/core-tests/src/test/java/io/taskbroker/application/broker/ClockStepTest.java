package io.taskbroker.application.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.upkeep.UpkeepReport;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody sets the machine's clock while tasks are under way. */
class ClockStepTest {
  private static final long NOON = SettableTime.START.wallMs();
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  /** The deadline, its grace of 3 s, and a moment. */
  private static final Duration PAST_DEADLINE = Duration.ofSeconds(14);

  private final BrokerFixture broker = BrokerFixture.start();

  @AfterEach
  void close() {
    broker.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, -1})
  void aStep_shortensNoDeadline(int hours) {
    broker.produce(Activations.pending("a").deadline(DEADLINE));
    Delivered task = broker.take();

    broker.time().stepWall(HOUR.multipliedBy(hours));
    awaitPasses();

    assertThat(broker.next()).isEmpty();
    assertThat(broker.lastPass().depths().processing()).isEqualTo(1);
    assertThat(broker.report(task, Conclusion.COMPLETE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, -1})
  void aStep_lengthensNoDeadline(int hours) {
    broker.produce(Activations.pending("a").deadline(DEADLINE));
    Delivered first = broker.take();

    broker.time().stepWall(HOUR.multipliedBy(hours));
    broker.time().advance(PAST_DEADLINE);

    assertThat(broker.take().claim().key()).isEqualTo(first.claim().key());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, -1})
  void aStep_failsNoAtMostOnceTask(int hours) {
    broker.produce(Activations.pending("a").atMostOnce().deadLettered().deadline(DEADLINE));
    Delivered task = broker.take();

    broker.time().stepWall(HOUR.multipliedBy(hours));
    awaitPasses();
    broker.time().stepWall(HOUR.multipliedBy(-hours));
    awaitPasses();

    assertThat(broker.lastPass().depths().processing()).isEqualTo(1);
    assertThat(broker.report(task, Conclusion.COMPLETE)).isTrue();
    assertThat(broker.tasksIn(BrokerFixture.DEAD_LETTERS)).isEmpty();
  }

  @Test
  void aDelay_followsTheWallClock() {
    broker.produce(Activations.delayed("a", NOON + HOUR.toMillis() / 2));
    broker.await("it to be stored", () -> broker.lastPass().depths().delayed() == 1);

    broker.time().stepWall(HOUR);

    assertThat(broker.take().claim().activation().id()).isEqualTo("a");
  }

  @Test
  void aDelay_waitsAsMuchLongerAsTheClockWasSetBack() {
    broker.produce(Activations.delayed("a", NOON + HOUR.toMillis() / 2));
    broker.await("it to be stored", () -> broker.lastPass().depths().delayed() == 1);

    broker.time().stepWall(HOUR.negated());
    broker.time().advance(HOUR);
    awaitPasses();
    assertThat(broker.next()).isEmpty();

    broker.time().advance(HOUR.dividedBy(2).plusSeconds(1));
    assertThat(broker.take().claim().activation().id()).isEqualTo("a");
  }

  @Test
  void anExpiry_followsTheWallClock() {
    broker.produce(
        Activations.pending("a").expiresAt(NOON + HOUR.toMillis() / 2), Activations.pending("b"));
    broker.await("both to be stored", () -> broker.lastPass().depths().pending() == 2);

    broker.time().stepWall(HOUR);

    assertThat(broker.take().claim().activation().id()).isEqualTo("b");
    assertThat(broker.next()).isEmpty();
  }

  /** A whole pass of upkeep that began after this call, and its end. */
  @SuppressWarnings("ReferenceEquality") // two passes may find the same
  private void awaitPasses() {
    for (int i = 0; i < 2; i++) {
      UpkeepReport before = broker.lastPass();
      broker.await("a pass of upkeep", () -> broker.lastPass() != before);
    }
  }
}
