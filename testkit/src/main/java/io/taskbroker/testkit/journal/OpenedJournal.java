package io.taskbroker.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the contracts of journals have in common: a new, empty journal before each test, and short
 * words for what tests do to it.
 *
 * <p>To be extended through {@link JournalContract} only.
 */
abstract class OpenedJournal {
  static final Partition ORIGIN = new Partition("taskworker", 3);

  Journal journal;

  /**
   * Opens the journal under test. The first call of each test opens a new, empty one; each later
   * call opens the same one again, as the next process would.
   */
  abstract Journal open() throws Exception;

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

  final Content load() {
    List<Map<Partition, Long>> positions = new ArrayList<>();
    List<StoredActivation> rows = new ArrayList<>();
    journal.load(positions::add, row -> rows.add(SampleRows.wallTimeOnly(row)));
    assertThat(positions).hasSize(1);
    return new Content(positions.getFirst(), rows);
  }

  final void reopen() throws Exception {
    journal.close();
    journal = open();
  }

  final void insert(StoredActivation... rows) {
    apply(List.of(rows), List.of(), List.of(), Map.of(), Durability.POWER_CUT);
  }

  final void update(StoredActivation row) {
    apply(List.of(), List.of(row), List.of(), Map.of(), Durability.PROCESS_CRASH);
  }

  final void delete(List<Long> keys) {
    apply(List.of(), List.of(), keys, Map.of(), Durability.PROCESS_CRASH);
  }

  final void acknowledge(Map<Partition, Long> positions) {
    apply(List.of(), List.of(), List.of(), positions, Durability.PROCESS_CRASH);
  }

  final void apply(
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

  record Content(Map<Partition, Long> positions, List<StoredActivation> rows) {
    List<Long> keys() {
      return rows.stream().map(StoredActivation::key).toList();
    }
  }
}
