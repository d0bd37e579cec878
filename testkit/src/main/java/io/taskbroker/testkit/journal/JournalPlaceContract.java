package io.taskbroker.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Where a journal is kept: how large that is, how it shrinks, and who may open it. */
abstract class JournalPlaceContract extends OpenedJournal {
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
}
