package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.SettableTime;
import org.junit.jupiter.api.Test;

/** When facts that could not be written are tried again. */
class FactLaneTest {
  private final FactLane lane = new FactLane();
  private final Fact fact = Fact.ofNothing(SettableTime.START, Subject.OfStore.ROOM, () -> {});

  @Test
  void theEndOfARest_countsFromTheNextTurnOn() {
    lane.put(fact);
    assertThat(lane.next()).containsExactly(fact);
    lane.rest();

    assertThat(lane.endRest()).isTrue();

    assertThat(lane.isResting()).as("in the turn that has failed to write it").isTrue();
    assertThat(lane.restsOn()).isFalse();
    assertThat(lane.next()).containsExactly(fact);
    assertThat(lane.isResting()).isFalse();
  }

  @Test
  void aFailureAfterTheEndOfARest_beginsAnotherOne() {
    lane.put(fact);
    lane.rest();
    lane.endRest();
    lane.rest();

    assertThat(lane.next()).isEmpty();
    assertThat(lane.restsOn()).isTrue();
    assertThat(lane.endRest()).isTrue();
    assertThat(lane.next()).containsExactly(fact);
  }

  @Test
  void aFactThatIsPaused_isTriedAgainAfterTheNextRest_andHoldsUpNoOther() {
    lane.put(fact);
    lane.pause(fact);
    assertThat(lane.next()).isEmpty();
    assertThat(lane.isResting()).isFalse();

    assertThat(lane.endRest()).isTrue();

    assertThat(lane.next()).containsExactly(fact);
  }
}
