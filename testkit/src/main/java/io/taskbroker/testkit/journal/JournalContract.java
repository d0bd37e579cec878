package io.taskbroker.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StandingOrder;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every journal must keep to. Extend this once per journal and add nothing.
 *
 * <p>Of a {@link Moment} a journal keeps the wall time; the monotonic clock has no meaning to the
 * next process.
 */
public abstract class JournalContract {
  private static final Partition ORIGIN = new Partition("taskworker", 3);

  private Journal journal;

  /**
   * Opens the journal under test. The first call of each test opens a new, empty one; each later
   * call opens the same one again, as the next process would.
   */
  protected abstract Journal open() throws Exception;

  @BeforeEach
  final void openJournal() throws Exception {
    journal = open();
  }

  @AfterEach
  final void closeJournal() {
    if (journal != null) { // it may have failed to open
      journal.close();
    }
  }

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
  final void orders_areKeptUntilTheyAreLifted() throws Exception {
    assertThat(journal.orders()).isEmpty();

    order(1, new StandingOrder("a", "1"), new StandingOrder("b", "ü\n'"));
    order(2, new StandingOrder("a", "2"), new StandingOrder("c", ""));
    order(3, new StandingOrder("c", null), new StandingOrder("d", null));

    assertThat(journal.orders()).isEqualTo(Map.of("a", "2", "b", "ü\n'"));
    reopen();
    assertThat(journal.orders()).isEqualTo(Map.of("a", "2", "b", "ü\n'"));
    assertThat(journal.lastGroup()).isEqualTo(3);
  }

  @Test
  final void anOrderThatIsOver_isLiftedOnlyIfItSaysThatStill() throws Exception {
    order(1, new StandingOrder("a", "1"), new StandingOrder("b", "1"));
    order(2, new StandingOrder("b", "2"));

    order(3, StandingOrder.over("a", "1"), StandingOrder.over("b", "1"));

    assertThat(journal.orders()).isEqualTo(Map.of("b", "2"));
  }

  private void order(long group, StandingOrder... orders) {
    journal.apply(
        new JournalGroup(
            group,
            new Changes(List.of(), List.of(), List.of(), Map.of(), List.of(orders)),
            Map.of()),
        Durability.POWER_CUT);
  }

  @Test
  final void page_givesTasksOnly_byAscendingKeys_inPieces() {
    insert(SampleRows.ofEveryKind().toArray(StoredActivation[]::new));
    List<StoredTask> all =
        load().rows().stream()
            .filter(row -> TaskFilter.ANY.matches(row.activation(), row.state().status()))
            .map(StoredActivation::task)
            .toList();

    List<StoredTask> found = new ArrayList<>();
    TaskPage page = journal.page(TaskFilter.ANY, 0, 2);
    found.addAll(page.tasks());
    while (!page.isLast()) {
      page = journal.page(TaskFilter.ANY, page.last(), 2);
      found.addAll(page.tasks());
    }

    assertThat(found).isEqualTo(all).isNotEmpty();
  }

  @Test
  final void parked_givesWhatIsKeptAside_badRecordsToo_inPieces() {
    insert(SampleRows.ofEveryKind().toArray(StoredActivation[]::new));
    List<StoredTask> all =
        load().rows().stream()
            .filter(row -> row.parked() != null)
            .map(StoredActivation::task)
            .toList();

    List<StoredTask> found = new ArrayList<>();
    TaskPage page = journal.parked(0, 1);
    found.addAll(page.tasks());
    while (!page.isLast()) {
      page = journal.parked(page.last(), 1);
      found.addAll(page.tasks());
    }

    assertThat(found).isEqualTo(all).isNotEmpty();
  }

  @Test
  final void page_looksAtABoundedNumberOfRows() {
    int many = TaskPage.MOST_LOOKED_AT + 1;
    insert(
        LongStream.rangeClosed(1, many)
            .mapToObj(SampleRows::pending)
            .toArray(StoredActivation[]::new));
    TaskFilter none = new TaskFilter("nobody", null, null, null, null);

    TaskPage first = journal.page(none, 0, 10);

    assertThat(first).isEqualTo(new TaskPage(List.of(), TaskPage.MOST_LOOKED_AT, false));
    assertThat(journal.page(none, first.last(), 10).isLast()).isTrue();
    assertThat(journal.page(TaskFilter.ANY, many - 1L, 10).tasks()).hasSize(1);
    assertThat(keysOf(journal.page(TaskFilter.ANY, 0, 10_000)))
        .isEqualTo(LongStream.rangeClosed(1, 10_000).boxed().toList());
    for (long one : new long[] {500, 501, 3_500, 3_501, TaskPage.MOST_LOOKED_AT}) {
      TaskFilter only =
          new TaskFilter(null, null, null, null, SampleRows.pending(one).activation().id());
      assertThat(keysOf(journal.page(only, one - 1, 1))).containsExactly(one);
      assertThat(keysOf(journal.page(only, 0, 10))).contains(one);
    }
  }

  private static List<Long> keysOf(TaskPage page) {
    return page.tasks().stream().map(StoredTask::key).toList();
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

  @ParameterizedTest
  @EnumSource(Durability.class)
  final void apply_survivesTheEndOfTheProcess(Durability durability) throws Exception {
    apply(List.of(SampleRows.pending(1)), List.of(), List.of(), Map.of(ORIGIN, 1L), durability);
    apply(
        List.of(SampleRows.pending(2)),
        List.of(SampleRows.with(SampleRows.pending(1), new Processing(new Moment(9, 0)), 0)),
        List.of(),
        Map.of(ORIGIN, 2L),
        durability);
    Content before = load();

    reopen();

    assertThat(load()).isEqualTo(before);
    assertThat(journal.payloads(List.of(1L, 2L)))
        .containsEntry(1L, SampleRows.payload(1))
        .containsEntry(2L, SampleRows.payload(2));
  }

  @Test
  final void sync_mayComeBesideTheWriter_afterSomethingOrNothing() throws Exception {
    journal.sync();
    insert(SampleRows.pending(1));
    Thread beside = Thread.ofPlatform().start(journal::sync);
    insert(SampleRows.pending(2));
    beside.join();
    journal.sync();

    assertThat(load().keys()).containsExactly(1L, 2L);
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

  @Test
  final void apply_ofNothingChangesNothing() {
    insert(SampleRows.pending(1));

    apply(List.of(), List.of(), List.of(), Map.of(), Durability.POWER_CUT);

    assertThat(load().keys()).containsExactly(1L);
  }

  @Test
  final void payloads_leaveOutWhatIsNotThere() {
    insert(SampleRows.pending(1));

    assertThat(journal.payloads(List.of())).isEmpty();
    assertThat(journal.payloads(List.of(99L, 1L))).containsOnlyKeys(1L);
    assertThat(journal.largePayload(99)).isEmpty();
  }

  @Test
  final void payloads_mayBeEmpty() {
    StoredActivation row = SampleRows.pending(1);
    journal.apply(
        new JournalGroup(
            new Changes(List.of(row), List.of(), List.of(), Map.of()), Map.of(1L, new byte[0])),
        Durability.POWER_CUT);

    assertThat(journal.payloads(List.of(1L))).containsEntry(1L, new byte[0]);
  }

  @Test
  final void largePayload_isReadBesideTheWriter_asSoonAsItsGroupIsApplied() throws Exception {
    byte[] large = new byte[5 << 20];
    new Random(7).nextBytes(large);
    journal.apply(
        new JournalGroup(
            new Changes(List.of(SampleRows.pending(1)), List.of(), List.of(), Map.of()),
            Map.of(1L, large)),
        Durability.PROCESS_CRASH);

    Optional<byte[]> read = readOnAnotherThread(1);
    assertThat(read).contains(large);

    delete(List.of(1L));
    assertThat(readOnAnotherThread(1)).isEmpty();
  }

  @Test
  final void isWritten_isKnownOfEachKindOfGroup_alsoToTheNextProcess() throws Exception {
    StoredActivation one = SampleRows.pending(1);
    StoredActivation two = SampleRows.pending(2);
    List<Changes> kinds =
        List.of(
            new Changes(List.of(one, two), List.of(), List.of(), Map.of()),
            new Changes(
                List.of(), List.of(SampleRows.with(one, Completed.STATE, 0)), List.of(), Map.of()),
            new Changes(List.of(), List.of(), List.of(1L), Map.of()),
            new Changes(
                List.of(), List.of(), List.of(), Map.of(new Partition("taskworker", 3), 7L)),
            Changes.NONE,
            new Changes(
                List.of(), List.of(SampleRows.with(two, Completed.STATE, 0)), List.of(), Map.of()),
            new Changes(List.of(), List.of(), List.of(2L), Map.of()));
    for (int i = 0; i < kinds.size(); i++) {
      Changes changes = kinds.get(i);
      JournalGroup group =
          new JournalGroup(i + 1, changes, SampleRows.payloads(changes.inserted()));
      assertThat(journal.isWritten(group)).as("%s before", changes).isFalse();
      journal.apply(group, Durability.PROCESS_CRASH);
      assertThat(journal.isWritten(group)).as("%s", changes).isTrue();
      reopen();
      assertThat(journal.isWritten(group)).as("%s, later", changes).isTrue();
    }
  }

  @Test
  final void lastGroup_isThatOfTheLastGroupThatWasWritten_alsoForTheNextProcess() throws Exception {
    assertThat(journal.lastGroup()).isZero();

    journal.apply(numbered(1, SampleRows.pending(1)), Durability.PROCESS_CRASH);
    assertThat(journal.lastGroup()).isEqualTo(1);
    journal.apply(new JournalGroup(2, Changes.NONE, Map.of()), Durability.POWER_CUT);
    assertThat(journal.lastGroup()).isEqualTo(2);

    journal.close();
    journal = open();
    assertThat(journal.lastGroup()).isEqualTo(2);
  }

  @Test
  final void lastGroup_isLeftByAGroupThatCannotBeWritten() {
    journal.apply(numbered(1, SampleRows.pending(1)), Durability.PROCESS_CRASH);
    JournalGroup withoutPayload =
        new JournalGroup(
            2,
            new Changes(
                List.of(SampleRows.pending(2), SampleRows.pending(3)),
                List.of(),
                List.of(),
                Map.of()),
            Map.of(2L, new byte[1]));

    assertThatThrownBy(() -> journal.apply(withoutPayload, Durability.PROCESS_CRASH))
        .isInstanceOf(RuntimeException.class);

    assertThat(journal.lastGroup()).isEqualTo(1);
    assertThat(load().rows()).containsExactly(SampleRows.pending(1));
  }

  private static JournalGroup numbered(long number, StoredActivation row) {
    return new JournalGroup(
        number,
        new Changes(List.of(row), List.of(), List.of(), Map.of()),
        SampleRows.payloads(List.of(row)));
  }

  @Test
  final void size_growsWithWhatIsStored() {
    long before = journal.size().total();
    byte[] payload = new byte[2 << 20];

    journal.apply(
        new JournalGroup(
            new Changes(List.of(SampleRows.pending(1)), List.of(), List.of(), Map.of()),
            Map.of(1L, payload)),
        Durability.PROCESS_CRASH);

    assertThat(journal.size().total()).isGreaterThanOrEqualTo(before + payload.length);
  }

  @Test
  final void reclaim_comesToAnEnd_andLosesNothing() {
    List<Long> keys = LongStream.rangeClosed(1, 2_000).boxed().toList();
    insert(keys.stream().map(SampleRows::pending).toArray(StoredActivation[]::new));
    delete(keys.subList(0, 1_999));

    int steps = 0;
    while (journal.reclaim()) {
      assertThat(++steps).isLessThan(10_000);
    }

    assertThat(load().rows()).containsExactly(SampleRows.pending(2_000));
    assertThat(journal.payloads(keys)).containsOnlyKeys(2_000L);
  }

  @Test
  final void rewrite_losesNothing_andMoreCanBeWrittenAfterIt() throws Exception {
    List<Long> keys = LongStream.rangeClosed(1, 2_000).boxed().toList();
    insert(keys.stream().map(SampleRows::pending).toArray(StoredActivation[]::new));
    delete(keys.subList(0, 1_999));

    journal.rewrite();
    insert(SampleRows.pending(2_001));
    reopen();

    assertThat(load().rows()).containsExactly(SampleRows.pending(2_000), SampleRows.pending(2_001));
    assertThat(journal.payloads(List.of(1L, 2_000L, 2_001L))).containsOnlyKeys(2_000L, 2_001L);
  }

  @Test
  final void open_isRefusedWhileTheJournalIsOpen_andAllowedAfterwards() throws Exception {
    insert(SampleRows.pending(1));

    assertThatThrownBy(() -> open().close())
        .isInstanceOf(RuntimeException.class)
        .hasMessageContaining("held");
    assertThat(load().keys()).containsExactly(1L);

    reopen();
    assertThat(load().keys()).containsExactly(1L);
  }

  @Test
  final void close_mayBeCalledTwice() {
    journal.close();
    journal.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  final void agreesWithAPlainMapOnARandomHistory(long seed) throws Exception {
    var random = new Random(seed);
    var expected = new JournalImage();
    long nextKey = 1;
    for (int step = 0; step < 200; step++) {
      String where = "seed " + seed + ", step " + step;
      JournalGroup group = RandomGroups.next(random, expected, nextKey);
      nextKey += group.changes().inserted().size();
      expected.apply(group);
      journal.apply(group, random.nextBoolean() ? Durability.PROCESS_CRASH : Durability.POWER_CUT);
      switch (random.nextInt(12)) {
        case 0 -> reopen();
        case 1 -> assertThat(journal.reclaim()).as(where).isIn(true, false);
        case 2 -> journal.rewrite();
        default -> {}
      }
      if (step % 20 == 19) {
        Content content = load();
        assertThat(content.rows()).as(where).containsExactlyElementsOf(expected.rows.values());
        assertThat(content.positions()).as(where).isEqualTo(expected.positions);
        assertThat(journal.payloads(LongStream.range(1, nextKey).boxed().toList()))
            .as(where)
            .containsExactlyInAnyOrderEntriesOf(expected.payloads);
      }
    }
  }

  // ---------------------------------------------------------------- in the tests' words

  private record Content(Map<Partition, Long> positions, List<StoredActivation> rows) {
    List<Long> keys() {
      return rows.stream().map(StoredActivation::key).toList();
    }
  }

  private Content load() {
    List<Map<Partition, Long>> positions = new ArrayList<>();
    List<StoredActivation> rows = new ArrayList<>();
    journal.load(positions::add, row -> rows.add(SampleRows.wallTimeOnly(row)));
    assertThat(positions).hasSize(1);
    return new Content(positions.getFirst(), rows);
  }

  private void reopen() throws Exception {
    journal.close();
    journal = open();
  }

  private void insert(StoredActivation... rows) {
    apply(List.of(rows), List.of(), List.of(), Map.of(), Durability.POWER_CUT);
  }

  private void update(StoredActivation row) {
    apply(List.of(), List.of(row), List.of(), Map.of(), Durability.PROCESS_CRASH);
  }

  private void delete(List<Long> keys) {
    apply(List.of(), List.of(), keys, Map.of(), Durability.PROCESS_CRASH);
  }

  private void acknowledge(Map<Partition, Long> positions) {
    apply(List.of(), List.of(), List.of(), positions, Durability.PROCESS_CRASH);
  }

  private void apply(
      List<StoredActivation> inserted,
      List<StoredActivation> updated,
      List<Long> deleted,
      Map<Partition, Long> positions,
      Durability durability) {
    journal.apply(
        new JournalGroup(
            new Changes(inserted, updated, deleted, positions), SampleRows.payloads(inserted)),
        durability);
  }

  private Optional<byte[]> readOnAnotherThread(long key) throws Exception {
    CompletableFuture<Optional<byte[]>> read = new CompletableFuture<>();
    Thread reader =
        Thread.ofPlatform()
            .name("contract-reader")
            .start(
                () -> {
                  try {
                    read.complete(journal.largePayload(key));
                  } catch (RuntimeException e) {
                    read.completeExceptionally(e);
                  }
                });
    reader.join();
    return read.get();
  }
}
