package io.taskbroker.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StandingOrder;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That a group is written as a whole, survives, and is known to be written; orders, too. */
abstract class JournalGroupsContract extends OpenedJournal {
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
  final void apply_ofNothingChangesNothing() {
    insert(SampleRows.pending(1));

    apply(List.of(), List.of(), List.of(), Map.of(), Durability.POWER_CUT);

    assertThat(load().keys()).containsExactly(1L);
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
}
