package io.taskbroker.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What of rows and positions is kept, changed and removed. */
abstract class JournalRowsContract extends OpenedJournal {
  @Test
  final void load_ofANewJournalGivesNoPositionsAndNoRows() {
    Content content = load();

    assertThat(content.positions()).isEmpty();
    assertThat(content.rows()).isEmpty();
  }

  @Test
  final void load_givesPositionsOnceAndFirst_andRowsByAscendingKey() {
    insert(SampleRows.pending(30), SampleRows.pending(2), SampleRows.pending(7));
    acknowledge(Map.of(ORIGIN, 5L));

    List<String> order = new ArrayList<>();
    journal.load(_ -> order.add("positions"), row -> order.add("row " + row.key()));

    assertThat(order).containsExactly("positions", "row 2", "row 7", "row 30");
  }

  @Test
  final void apply_keepsEveryFieldOfEveryState() throws Exception {
    List<StoredActivation> rows = SampleRows.ofEveryKind();
    insert(rows.toArray(StoredActivation[]::new));

    assertThat(load().rows()).containsExactlyElementsOf(rows);
    reopen();
    assertThat(load().rows()).containsExactlyElementsOf(rows);
  }

  @Test
  final void apply_keepsEveryFieldOfRowsThatComeTogether() throws Exception {
    List<StoredActivation> rows = new ArrayList<>();
    for (StoredActivation odd : SampleRows.ofEveryKind()) {
      for (int i = 0; i < 9; i++) {
        rows.add(SampleRows.arrived(rows.size() + 1));
      }
      rows.add(SampleRows.atKey(rows.size() + 1, odd));
    }
    insert(rows.toArray(StoredActivation[]::new));

    reopen();
    assertThat(load().rows()).containsExactlyElementsOf(rows);
  }

  @Test
  final void update_changesWhatCanChange_andLeavesThePayload() {
    StoredActivation before = SampleRows.pending(1);
    insert(before, SampleRows.pending(2));
    StoredActivation after =
        new StoredActivation(
            1,
            before.activation(),
            new Claimed(new Moment(77_000, 0), ClaimPurpose.DEMOTION),
            3,
            new RetryOverride(-1, Long.MIN_VALUE),
            "too large",
            new Failure(FailureCause.RETRY_UNCERTAIN, 5, "no answer"),
            true,
            1_771_000_000_123L);

    update(after);

    assertThat(load().rows()).containsExactly(after, SampleRows.pending(2));
    assertThat(journal.payloads(List.of(1L))).containsEntry(1L, SampleRows.payload(1));
  }

  @Test
  final void update_canTakeEverythingBack() {
    StoredActivation busy =
        SampleRows.with(SampleRows.pending(1), new Processing(new Moment(5, 0)), 2);
    insert(busy);

    update(SampleRows.pending(1));

    assertThat(load().rows()).containsExactly(SampleRows.pending(1));
  }

  @Test
  final void update_toCompletedRemovesThePayloadAndKeepsTheRow() {
    insert(SampleRows.pending(1), SampleRows.pending(2));
    StoredActivation over = SampleRows.with(SampleRows.pending(1), Completed.STATE, 0);

    update(over);

    assertThat(load().rows()).containsExactly(over, SampleRows.pending(2));
    assertThat(journal.payloads(List.of(1L, 2L))).containsOnlyKeys(2L);
    assertThat(journal.largePayload(1)).isEmpty();
  }

  @Test
  final void insert_ofWhatIsCompletedAlreadyKeepsNoPayload() {
    insert(SampleRows.with(SampleRows.pending(1), Completed.STATE, 0));

    assertThat(load().rows()).hasSize(1);
    assertThat(journal.payloads(List.of(1L))).isEmpty();
  }

  @Test
  final void delete_removesRowAndPayload() throws Exception {
    insert(SampleRows.pending(1), SampleRows.pending(2), SampleRows.pending(3));

    delete(List.of(3L, 1L));

    assertThat(load().keys()).containsExactly(2L);
    assertThat(journal.payloads(List.of(1L, 2L, 3L))).containsOnlyKeys(2L);
    reopen();
    assertThat(load().keys()).containsExactly(2L);
  }

  @Test
  final void positions_areReplacedPerPartition() throws Exception {
    Partition other = new Partition("other", 0);
    acknowledge(Map.of(ORIGIN, 5L, other, 1L));
    acknowledge(Map.of(ORIGIN, 9L));

    assertThat(load().positions()).isEqualTo(Map.of(ORIGIN, 9L, other, 1L));
    reopen();
    assertThat(load().positions()).isEqualTo(Map.of(ORIGIN, 9L, other, 1L));
  }

  @Test
  final void apply_takesAGroupOfManyRows() {
    List<Long> keys = LongStream.rangeClosed(1, 3_333).boxed().toList();
    insert(keys.stream().map(SampleRows::pending).toArray(StoredActivation[]::new));
    List<StoredActivation> updated = new ArrayList<>();
    List<Long> deleted = new ArrayList<>();
    List<Long> kept = new ArrayList<>();
    for (long key : keys) {
      if (key % 3 == 0 || (key > 1_000 && key < 1_100)) {
        deleted.add(key);
      } else {
        kept.add(key);
        var state = new Processing(new Moment(key % 5, 0));
        updated.add(SampleRows.with(SampleRows.pending(key), state, (int) (key % 2)));
      }
    }

    apply(List.of(), updated, deleted, Map.of(), Durability.PROCESS_CRASH);

    assertThat(load().rows()).containsExactlyElementsOf(updated);
    assertThat(journal.payloads(keys)).containsOnlyKeys(kept);
  }
}
