package io.taskbroker.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is read beside the writer, or for workers: pages of rows, and payloads. */
abstract class JournalReadingContract extends OpenedJournal {
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
