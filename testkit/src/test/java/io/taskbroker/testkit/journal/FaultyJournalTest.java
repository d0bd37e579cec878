package io.taskbroker.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.journal.FaultyJournal.Call;
import io.taskbroker.testkit.journal.FaultyJournal.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FaultyJournalTest {
  private final InMemoryFile file = new InMemoryFile();

  @Test
  void withoutACommandItBehaves() {
    try (FaultyJournal journal = new FaultyJournal(file)) {
      insert(journal, 1);

      assertThat(keys(journal)).containsExactly(1L);
      assertThat(journal.payloads(List.of(1L))).hasSize(1);
      assertThat(journal.calls(Call.APPLY)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NOTHING_CHANGED, NothingChanged, false",
    "UNKNOWN_NOT_DONE, Unknown, false",
    "UNKNOWN_BUT_DONE, Unknown, true",
    "FINAL, Final, false",
    "FINAL_BUT_DONE, Final, true",
    "CRASH_BEFORE, Final, false",
    "CRASH_AFTER, Final, true",
  })
  void theCommandedCallFailsAsCommanded_andTheNextProcessSeesIt(
      Fault fault, String exception, boolean done) {
    FaultyJournal journal = new FaultyJournal(file);
    journal.fail(Call.APPLY, 2, fault);
    insert(journal, 1);

    assertThatThrownBy(() -> insert(journal, 2))
        .isInstanceOf(JournalException.class)
        .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(exception));

    journal.close();
    try (Journal next = file.open()) {
      assertThat(keys(next).contains(2L)).isEqualTo(done);
    }
  }

  @Test
  void afterAFinalFailureEveryCallFails() {
    try (FaultyJournal journal = new FaultyJournal(file)) {
      journal.failNext(Call.PAYLOADS, Fault.FINAL);

      assertThatThrownBy(() -> journal.payloads(List.of(1L)))
          .isInstanceOf(JournalException.Final.class);
      assertThatThrownBy(() -> insert(journal, 1)).isInstanceOf(JournalException.Final.class);
    }
  }

  @Test
  void afterAFailureThatChangedNothingTheNextCallSucceeds() {
    try (FaultyJournal journal = new FaultyJournal(file)) {
      journal.failNext(Call.APPLY, Fault.NOTHING_CHANGED);

      assertThatThrownBy(() -> insert(journal, 1))
          .isInstanceOf(JournalException.NothingChanged.class);
      insert(journal, 1);
      assertThat(keys(journal)).containsExactly(1L);
    }
  }

  @Test
  void aPowerCutForgetsWhatDidNotHaveToSurviveIt_fromTheEnd() {
    InMemoryJournal journal = file.open();
    apply(journal, 1, Durability.PROCESS_CRASH);
    apply(journal, 2, Durability.POWER_CUT);
    apply(journal, 3, Durability.PROCESS_CRASH);
    apply(journal, 4, Durability.PROCESS_CRASH);
    assertThat(file.undurableGroups()).isEqualTo(2);

    file.cutPower(1);
    try (Journal next = file.open()) {
      assertThat(keys(next)).containsExactly(1L, 2L, 3L);
    }

    file.cutPower(0);
    try (Journal next = file.open()) {
      assertThat(keys(next)).containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void aPowerCutForgetsNothingThatWasSynced() {
    InMemoryJournal journal = file.open();
    apply(journal, 1, Durability.PROCESS_CRASH);
    journal.sync();
    apply(journal, 2, Durability.PROCESS_CRASH);

    file.cutPower(0);
    try (Journal next = file.open()) {
      assertThat(keys(next)).containsExactly(1L);
    }
  }

  @Test
  void aJournalThatLostItsPowerWritesNothingMore() {
    InMemoryJournal journal = file.open();
    file.cutPower(0);

    assertThatThrownBy(() -> insert(journal, 1)).isInstanceOf(IllegalStateException.class);
    journal.close();

    try (Journal next = file.open()) {
      assertThat(keys(next)).isEmpty();
      assertThatThrownBy(file::open).isInstanceOf(IllegalStateException.class);
    }
  }

  private static void insert(Journal journal, long key) {
    apply(journal, key, Durability.PROCESS_CRASH);
  }

  private static void apply(Journal journal, long key, Durability durability) {
    StoredActivation row = SampleRows.pending(key);
    journal.apply(
        new JournalGroup(
            new Changes(List.of(row), List.of(), List.of(), Map.of()),
            SampleRows.payloads(List.of(row))),
        durability);
  }

  private static List<Long> keys(Journal journal) {
    List<Long> keys = new ArrayList<>();
    journal.load(_ -> {}, row -> keys.add(row.key()));
    return keys;
  }
}
