package io.taskbroker.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Backpressure.Admission;
import io.taskbroker.domain.Backpressure.Admission.Admitted;
import io.taskbroker.domain.Backpressure.Admission.Held;
import io.taskbroker.domain.Backpressure.Batch;
import io.taskbroker.domain.Backpressure.Limits;
import io.taskbroker.domain.Backpressure.Load;
import io.taskbroker.domain.Backpressure.Reason;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Item 27 of the conformance list: the cases of back-pressure. */
class BackpressureTest {
  private static final Limits LIMITS = new Limits(100, 50, 20, 40, 10_000L, 5_000, 9_000);

  private static Load stored(int pending, int delayed, int claimed, int processing) {
    return new Load(
        new Depths(pending, delayed, 0, claimed, 0, processing, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        0,
        0);
  }

  private static Load filled(int outbox, long memoryBytes, long storeBytes, long logBytes) {
    return new Load(
        new Depths(0, 0, 0, 0, 0, 0, 0, 0, 0, outbox, 0, 0, 0, 0, 0, 0, memoryBytes),
        storeBytes,
        logBytes);
  }

  private static Admission admit(int pending, int delayed, Load load) {
    return Backpressure.admit(new Batch(pending, delayed), load, LIMITS);
  }

  @Test
  @DisplayName("19.27: what fits is admitted, to the last row")
  void whatFits_isAdmitted() {
    assertThat(admit(40, 20, stored(60, 30, 0, 0))).isEqualTo(new Admitted(40, 20));
    assertThat(admit(41, 0, stored(60, 30, 0, 0))).isNotEqualTo(new Admitted(41, 0));
  }

  @Test
  @DisplayName("19.27: claimed and processing rows together hold everything, whatever it is")
  void theProcessingLimit_holdsEverything() {
    assertThat(admit(1, 0, stored(0, 0, 5, 15))).isEqualTo(new Held(Reason.PROCESSING_LIMIT));
    assertThat(admit(0, 1, stored(0, 0, 20, 0))).isEqualTo(new Held(Reason.PROCESSING_LIMIT));
    assertThat(admit(1, 1, stored(0, 0, 5, 14))).isEqualTo(new Admitted(1, 1));
  }

  @Test
  @DisplayName(
      "19.27: a batch of delayed rows alone is admitted while only the pending ones are full")
  void delayedRows_passFullPendingOnes() {
    assertThat(admit(0, 10, stored(100, 0, 0, 0))).isEqualTo(new Admitted(0, 10));
  }

  @Test
  @DisplayName(
      "19.27: a batch of pending rows alone is admitted while only the delayed ones are full")
  void pendingRows_passFullDelayedOnes() {
    assertThat(admit(10, 0, stored(0, 50, 0, 0))).isEqualTo(new Admitted(10, 0));
  }

  @Test
  @DisplayName("ours: rows that wait for the commit of their offset do not hold the intake of it")
  void uncommittedRows_doNotCount() {
    Depths full = new Depths(100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 70, 0, 0, 0, 0, 0);
    Depths unasked = new Depths(100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 70, 0, 70, 0, 0, 0);

    assertThat(admit(40, 0, new Load(full, 0, 0))).isEqualTo(new Admitted(40, 0));
    assertThat(admit(101, 0, new Load(unasked, 0, 0))).isEqualTo(new Admitted(100, 0));
  }

  @Test
  @DisplayName("19.27, ours: of a mixed batch the part enters that has room")
  void aMixedBatch_entersByKind() {
    assertThat(admit(10, 10, stored(100, 0, 0, 0))).isEqualTo(new Admitted(0, 10));
    assertThat(admit(10, 10, stored(0, 50, 0, 0))).isEqualTo(new Admitted(10, 0));
  }

  @Test
  @DisplayName("19.27: the reason is that of the kind that has no room, delayed rows first")
  void theReason_namesTheFullKind() {
    assertThat(admit(10, 0, stored(100, 0, 0, 0))).isEqualTo(new Held(Reason.PENDING_LIMIT));
    assertThat(admit(0, 10, stored(0, 50, 0, 0))).isEqualTo(new Held(Reason.DELAY_LIMIT));
    assertThat(admit(10, 10, stored(100, 50, 0, 0))).isEqualTo(new Held(Reason.DELAY_LIMIT));
  }

  @Test
  @DisplayName("19.27: the size of the store holds everything, and only where a limit is set")
  void theSizeLimit_holdsEverything() {
    Limits none = new Limits(100, 50, 20, 40, null, 5_000, 9_000);
    Load full = filled(0, 0, 10_000, 0);

    assertThat(admit(1, 0, full)).isEqualTo(new Held(Reason.STORE_SIZE_LIMIT));
    assertThat(admit(1, 0, filled(0, 0, 9_999, 0))).isEqualTo(new Admitted(1, 0));
    assertThat(Backpressure.admit(new Batch(1, 0), full, none)).isEqualTo(new Admitted(1, 0));
  }

  @Test
  @DisplayName("Ours: outbox, log and memory have limits of their own")
  void ourLimits_holdEverything() {
    assertThat(admit(1, 0, filled(40, 0, 0, 0))).isEqualTo(new Held(Reason.OUTBOX_LIMIT));
    assertThat(admit(1, 0, filled(0, 0, 0, 5_000))).isEqualTo(new Held(Reason.LOG_SIZE_LIMIT));
    assertThat(admit(1, 0, filled(0, 9_000, 0, 0))).isEqualTo(new Held(Reason.MEMORY_LIMIT));
    assertThat(admit(1, 0, filled(39, 8_999, 0, 4_999))).isEqualTo(new Admitted(1, 0));
  }

  @Test
  @DisplayName("Ours: rows that are far from due fill no limit on delayed ones")
  void farDelays_countNowhere() {
    Load far = new Load(new Depths(0, 0, 9_999, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0, 0);

    assertThat(admit(0, 10, far)).isEqualTo(new Admitted(0, 10));
  }

  @Test
  @DisplayName("Ours: a batch larger than the limit gets in bit by bit")
  void aHugeBatch_isAdmittedInParts() {
    assertThat(admit(250, 0, stored(0, 0, 0, 0))).isEqualTo(new Admitted(100, 0));
    assertThat(admit(150, 0, stored(74, 0, 0, 0))).isEqualTo(new Admitted(26, 0));
  }

  @Test
  @DisplayName("Ours: a part has to be worth a transaction, or be all there is")
  void aTinyPart_waits() {
    assertThat(admit(150, 0, stored(76, 0, 0, 0))).isEqualTo(new Held(Reason.PENDING_LIMIT));
    assertThat(admit(3, 0, stored(97, 0, 0, 0))).isEqualTo(new Admitted(3, 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  @DisplayName("Ours: whatever the limits, a drained store takes a batch in to its end")
  void everyBatch_getsInSomeDay(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      Limits limits = new Limits(1 + random.nextInt(9), 1 + random.nextInt(9), 1, 1, null, 1, 1);
      int pending = random.nextInt(40);
      int delayed = random.nextInt(40);
      for (int turns = 0; pending + delayed > 0; turns++) {
        String where = "seed " + seed + ", " + limits + ", " + pending + " and " + delayed;
        assertThat(turns).as(where).isLessThan(100);
        Admission admission =
            Backpressure.admit(new Batch(pending, delayed), stored(0, 0, 0, 0), limits);
        assertThat(admission).as(where).isInstanceOf(Admitted.class);
        if (admission instanceof Admitted(int pendingPart, int delayedPart)) {
          assertThat((long) pendingPart).as(where).isLessThanOrEqualTo(limits.maxPending());
          assertThat((long) delayedPart).as(where).isLessThanOrEqualTo(limits.maxDelayed());
          pending -= pendingPart;
          delayed -= delayedPart;
        }
      }
    }
  }
}
