package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.ParkedStore.Parked;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParkedInDatabaseTest {
  private final PostgresSettings settings = Databases.migrated();
  private final PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME);
  private final ParkedInDatabase parked = ParkedInDatabase.open(settings);

  private static StoredActivation row(
      long key, Partition partition, ActivationState state, @Nullable String why) {
    return new StoredActivation(
        key,
        Activations.pending("id-" + key).at(partition, key).build(),
        state,
        0,
        RetryOverride.NONE,
        why);
  }

  @BeforeEach
  void store() {
    SharedGroups.take(journal, FIRST, SECOND);
    SharedGroups.apply(
        journal,
        SharedGroups.insert(
            1,
            row(1, FIRST, AwaitingRetry.STATE, "too large"),
            row(2, FIRST, Pending.STATE, null),
            row(3, SECOND, Failed.STATE, "no such topic"),
            row(4, SECOND, Failed.STATE, null)));
  }

  @AfterEach
  void close() {
    parked.close();
    journal.close();
  }

  private List<String> ids() {
    return parked.list().stream().map(Parked::id).toList();
  }

  private List<StoredActivation> rowsOf(Partition partition) {
    try (PostgresJournal next = PostgresJournal.open(settings, "two", Databases.TIME)) {
      SharedGroups.take(next, partition);
      return next.custody().page(partition, 0, 10);
    }
  }

  @Test
  void allThatIsParkedIsShown_whoeverHasIt() {
    assertThat(parked.list())
        .extracting(Parked::id, Parked::leavesAs, Parked::partition, Parked::reason)
        .containsExactly(
            tuple("id-1", "retry", 0, "too large"),
            tuple("id-3", "dead letter", 1, "no such topic"));
  }

  @Test
  void whatABrokerHasInMemoryIsNotChangedBehindItsBack() {
    assertThatThrownBy(() -> parked.drop(List.of("id-1")))
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContainingAll("(one)", "--broker", "Nothing was changed");
    assertThatThrownBy(() -> parked.retry(List.of("id-3")))
        .isInstanceOf(UnusableDatabaseException.class);

    assertThat(ids()).containsExactly("id-1", "id-3");
  }

  @Test
  void whatIsToBeTriedAgain_isParkedNoMore() {
    journal.close();

    assertThat(parked.retry(List.of("id-1", "id-2"))).isOne();

    assertThat(ids()).containsExactly("id-3");
    assertThat(rowsOf(FIRST).getFirst())
        .satisfies(
            row -> {
              assertThat(row.parked()).isNull();
              assertThat(row.state()).isEqualTo(AwaitingRetry.STATE);
            });
  }

  @Test
  void whatIsDropped_isOver_andKeepsNoPayload() {
    journal.close();

    assertThat(parked.drop(List.of("id-3", "id-4"))).isOne();

    assertThat(ids()).containsExactly("id-1");
    assertThat(rowsOf(SECOND))
        .extracting(StoredActivation::state)
        .containsExactly(Completed.STATE, Failed.STATE);
    assertThat(
            PostgresServer.shared()
                .ask(
                    settings.place().database(), "SELECT key FROM taskbroker_payload ORDER BY key"))
        .containsExactly("1", "2", "4");
  }
}
