package io.taskbroker.application.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BrokenDeliveriesTest {
  private final BrokenDeliveries deliveries = new BrokenDeliveries();
  private final Caller worker = new Caller();

  @Test
  void itIsToBlame_onceItsCallerTookOthersAfterwards() {
    assertThat(deliveries.isToBlame(1, worker)).isFalse();
    deliveries.took(worker);
    assertThat(deliveries.isToBlame(1, worker)).isTrue();
    assertThat(deliveries.isToBlame(1, worker)).isFalse(); // nothing was taken in between
    deliveries.took(worker);
    assertThat(deliveries.isToBlame(1, new Caller())).isTrue();
  }

  @Test
  void aWorkerThatIsGone_tellsNothing() {
    Caller other = new Caller();
    assertThat(deliveries.isToBlame(1, worker)).isFalse();
    deliveries.took(other);
    assertThat(deliveries.isToBlame(1, other)).isFalse();
  }

  @Test
  void whereSeveralBreakOff_itIsTheWorker() {
    deliveries.took(worker);
    assertThat(deliveries.isToBlame(1, worker)).isFalse();
    deliveries.took(worker);
    assertThat(deliveries.isToBlame(2, worker)).isFalse();
    assertThat(deliveries.isToBlame(1, worker)).isFalse();
  }
}
