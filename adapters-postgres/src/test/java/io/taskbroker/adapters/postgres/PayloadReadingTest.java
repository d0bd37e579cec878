package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.apply;
import static io.taskbroker.adapters.postgres.SharedGroups.insert;
import static io.taskbroker.adapters.postgres.SharedGroups.payload;
import static io.taskbroker.adapters.postgres.SharedGroups.pending;
import static io.taskbroker.adapters.postgres.SharedGroups.take;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A backlog whose payloads are not in memory any more. */
class PayloadReadingTest {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final long ROWS = 2L * PayloadReading.NEXT;
  private static final long LARGE = 30;

  private final PostgresSettings settings = Databases.migrated();
  private final PostgresJournal journal = storedBefore();

  /** A journal that has nothing of what is stored in memory. */
  private PostgresJournal storedBefore() {
    try (PostgresJournal before = PostgresJournal.open(settings, "before", Databases.TIME)) {
      take(before, FIRST);
      apply(
          before,
          insert(
              1,
              LongStream.rangeClosed(1, ROWS)
                  .filter(key -> key != LARGE)
                  .mapToObj(key -> pending(key, FIRST))
                  .toArray(StoredActivation[]::new)));
      apply(
          before,
          new JournalGroup(
              2,
              new Changes(List.of(pending(LARGE, FIRST)), List.of(), List.of(), Map.of()),
              Map.of(LARGE, new byte[PayloadReading.LARGEST_NEXT_BYTES + 1])));
    }
    return PostgresJournal.open(settings, "one", Databases.TIME);
  }

  @BeforeEach
  void takeCustody() {
    take(journal, FIRST);
  }

  @AfterEach
  void close() {
    journal.close();
  }

  @Test
  void inOrder_theNextOnesAreReadWithThem_andThenTakenFromMemory() {
    assertThat(journal.payloads(List.of(1L, 2L))).hasSize(2);
    assertThat(journal.payloads(List.of(3L, 4L)))
        .containsOnlyKeys(3L, 4L)
        .containsEntry(3L, payload(3));
    removeAllPayloads();

    long last = 4 + PayloadReading.NEXT;
    assertThat(journal.payloads(List.of(5L, last)))
        .containsEntry(5L, payload(5))
        .containsEntry(last, payload(last));
    assertThat(journal.payloads(List.of(last + 1))).as("behind those that were read").isEmpty();
    assertThat(journal.payloads(List.of(LARGE))).as("too large to be read ahead").isEmpty();
  }

  @Test
  void outOfOrder_nothingElseIsRead() {
    assertThat(journal.payloads(List.of(1L))).hasSize(1);
    assertThat(journal.payloads(List.of(100L))).hasSize(1);
    removeAllPayloads();

    assertThat(journal.payloads(List.of(101L))).isEmpty();
  }

  @Test
  void whatWasReadAheadIsForgottenWithItsRow() {
    assertThat(journal.payloads(List.of(1L))).hasSize(1);
    assertThat(journal.payloads(List.of(2L))).hasSize(1);

    apply(
        journal,
        new JournalGroup(1, new Changes(List.of(), List.of(), List.of(3L), Map.of()), Map.of()));

    assertThat(journal.payloads(List.of(3L, 4L))).containsOnlyKeys(4L);
  }

  private void removeAllPayloads() {
    SERVER.run(settings.place().database(), "DELETE FROM taskbroker_payload");
  }
}
