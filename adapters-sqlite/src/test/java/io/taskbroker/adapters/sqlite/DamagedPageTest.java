package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.taskbroker.adapters.sqlite.upstream.ReferenceExport;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.log.CapturedLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged page concerns the rows on it; all others are read, changed and deleted. */
class DamagedPageTest {
  private static final int ROWS = 1_000;
  private static final List<Long> ALL = LongStream.rangeClosed(1, ROWS).boxed().toList();

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void makeAStore() {
    file = folder.resolve("store.sqlite");
    try (SqliteJournal journal = Groups.open(file)) {
      Map<Long, byte[]> payloads = new HashMap<>();
      for (long key : ALL) {
        payloads.put(key, payload(key));
      }
      List<StoredActivation> rows = ALL.stream().map(DamagedPageTest::row).toList();
      journal.apply(
          new JournalGroup(new Changes(rows, List.of(), List.of(), Map.of()), payloads),
          Durability.POWER_CUT);
    }
  }

  private static StoredActivation row(long key) {
    return Groups.row(
        key,
        Activations.pending("id-%04d".formatted(key)),
        io.taskbroker.domain.ActivationState.Pending.STATE);
  }

  private static byte[] payload(long key) {
    byte[] payload = new byte[1_000];
    Arrays.fill(payload, (byte) key);
    payload[0] = (byte) (key >> 8);
    return payload;
  }

  @Test
  void onlyThePayloadsOfThePageAreUnreadable_atEachStart() throws Exception {
    DamagedPages.withBytes(file, payload(500));

    for (int start = 1; start <= 3; start++) {
      try (SqliteJournal journal = Groups.open(file)) {
        assertThat(Groups.keys(journal)).isEqualTo(ALL);

        Set<Long> bad = unreadable(journal, ALL);
        List<Long> sound = ALL.stream().filter(key -> !bad.contains(key)).toList();
        Map<Long, byte[]> payloads = journal.payloads(sound);

        assertThat(bad).contains(500L).hasSizeBetween(1, 4);
        assertThat(payloads).containsOnlyKeys(sound);
        assertThat(payloads.get(1L)).isEqualTo(payload(1));
        assertThat(unreadable(journal, bad)).isEqualTo(bad);
        assertThatThrownBy(() -> journal.largePayload(500))
            .isInstanceOf(JournalException.Unreadable.class)
            .hasMessageContaining("taskbroker salvage " + file);
      }
    }
  }

  @Test
  void whatLiesBesideThePageCanBeFinishedAndDeleted() throws Exception {
    DamagedPages.withBytes(file, payload(500));
    List<Long> sound;
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.keys(journal);
      Set<Long> bad = unreadable(journal, ALL);
      sound = ALL.stream().filter(key -> !bad.contains(key)).toList();
      for (long key : sound) {
        StoredActivation row = row(key);
        Groups.apply(
            journal,
            Groups.update(
                new StoredActivation(
                    key, row.activation(), Completed.STATE, 1, row.retry(), null)));
      }
      Groups.apply(
          journal, new JournalGroup(new Changes(List.of(), List.of(), sound, Map.of()), Map.of()));
      Groups.apply(journal, Groups.insertPending(2_001, 2_100, 1_000));
    }

    try (SqliteJournal journal = Groups.open(file)) {
      assertThat(Groups.keys(journal)).hasSize(ROWS - sound.size() + 100).contains(500L, 2_100L);
      assertThat(journal.payloads(List.of(2_001L, 2_100L))).hasSize(2);
    }
  }

  @Test
  void theNextStartServesOn_whenOnlyTheRowsOfThePageAreLeft() throws Exception {
    DamagedPages.withBytes(file, payload(500));
    Set<Long> bad;
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.keys(journal);
      bad = unreadable(journal, ALL);
      for (long key : ALL) {
        if (!bad.contains(key)) {
          Groups.apply(journal, Groups.delete(key, key));
        }
      }
    }
    long next = bad.stream().mapToLong(key -> key).max().orElseThrow() + 1;

    for (int start = 0; start < 3; start++) {
      try (SqliteJournal journal = Groups.open(file)) {
        assertThat(Groups.keys(journal)).hasSameElementsAs(bad);
        Groups.apply(journal, Groups.insertPending(next, next + 199, 1_000));
        assertThat(journal.payloads(List.of(next, next + 199))).hasSize(2);
        Groups.apply(journal, Groups.delete(next, next + 199));
      }
    }
  }

  @Test
  void ofADamagedPageOfStatesTheRestIsLoaded_andTheKeysAreNamed() throws Exception {
    DamagedPages.withText(file, "id-0300");
    DamagedPages.withText(file, "id-0700");

    List<Long> loaded;
    try (CapturedLog log = new CapturedLog("taskbroker::store");
        SqliteJournal journal = Groups.open(file)) {
      loaded = Groups.keys(journal);

      assertThat(log.lines())
          .anySatisfy(
              line ->
                  assertThat(line)
                      .startsWith(file + " is damaged. Left out was what cannot be read: keys ")
                      .contains("taskbroker salvage " + file));
      assertThat(journal.payloads(loaded)).hasSameSizeAs(loaded);
    }
    assertThat(loaded).doesNotContain(300L, 700L).contains(1L, 500L, 1_000L);
    assertThat(loaded).hasSizeBetween(ROWS - 150, ROWS - 2);
  }

  @Test
  void aChangeOfOneRowThatCannotBeReachedLeavesTheOthersToBeChanged() throws Exception {
    DamagedPages.withText(file, "id-0300");
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.keys(journal);

      JournalException.NothingChanged failure =
          catchThrowableOfType(
              JournalException.NothingChanged.class,
              () -> Groups.apply(journal, Groups.delete(300, 300)));

      assertThat(failure.extent()).isEqualTo(Extent.ROWS);
      Groups.apply(journal, Groups.delete(1, 1));
      assertThat(Groups.keys(journal)).doesNotContain(1L);
    }
  }

  @Test
  void whereNewRowsWouldGoDamageConcernsTheWholeFile() throws Exception {
    DamagedPages.withText(file, "id-1000");
    try (SqliteJournal journal = Groups.open(file)) {
      assertThat(Groups.keys(journal)).contains(1L, 900L).doesNotContain(1_000L);

      JournalException.NothingChanged failure =
          catchThrowableOfType(
              JournalException.NothingChanged.class,
              () -> Groups.apply(journal, Groups.insertPending(2_001, 2_001, 10)));

      assertThat(failure.extent()).isEqualTo(Extent.FILE);
      assertThat(failure).hasMessageContaining("taskbroker salvage " + file);
    }
  }

  @Test
  void ofADamagedPageOfProgressTheRestIsLoaded_andNoneOfItIsHandedOutAnew() throws Exception {
    park(ALL);
    DamagedPages.withText(file, "reason-0300");

    try (CapturedLog log = new CapturedLog("taskbroker::store");
        SqliteJournal journal = Groups.open(file)) {
      List<Long> loaded = Groups.keys(journal);

      assertThat(loaded).doesNotContain(300L).contains(1L, 500L, 1_000L);
      assertThat(loaded).hasSizeBetween(ROWS - 200, ROWS - 2);
      assertThat(log.lines())
          .anySatisfy(line -> assertThat(line).contains("Left out was what cannot be read: keys "));
    }
  }

  @Test
  void whereTheNextHandOutsWouldGoDamageRefusesTheFile() throws Exception {
    park(List.of(1L, 2L, 3L));
    DamagedPages.withText(file, "reason-0003");

    assertThatThrownBy(
            () -> {
              try (SqliteJournal journal = Groups.open(file)) {
                Groups.keys(journal);
              }
            })
        .hasMessageContaining("where the next hand-outs go")
        .hasMessageContaining("taskbroker salvage " + file);
  }

  @Test
  void theWholeSchemaIsOnTheFirstPage() throws Exception {
    byte leafOfATable = 13;

    assertThat(Files.readAllBytes(file)[100]).isEqualTo(leafOfATable);
  }

  private void park(List<Long> keys) {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.keys(journal);
      for (long key : keys) {
        StoredActivation row = row(key);
        Groups.apply(
            journal,
            Groups.update(
                new StoredActivation(
                    key,
                    row.activation(),
                    AwaitingRetry.STATE,
                    1,
                    row.retry(),
                    "reason-%04d".formatted(key))));
      }
    }
  }

  @Test
  void aRowThatMakesNoSenseIsLeftOutAndNamed() throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO progress (key, status, attempts, under_way, last_group, round)"
              + " VALUES (2, 55, 0, 0, 0, 0)");
    }
    List<Long> others = new ArrayList<>(ALL);
    others.remove(2L);

    try (CapturedLog log = new CapturedLog("taskbroker::store");
        SqliteJournal journal = Groups.open(file)) {
      assertThat(Groups.keys(journal)).isEqualTo(others);
      assertThat(log.lines()).anySatisfy(line -> assertThat(line).contains("key 2 (status 55"));
    }
  }

  @Test
  void toolsThatNeedTheWholeFileNameTheOneThatDoesNot() throws Exception {
    DamagedPages.withBytes(file, payload(500));
    Path out = folder.resolve("out.sqlite");

    assertThatThrownBy(() -> StoreBackup.write(file, out, Duration.ofMinutes(4)))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("taskbroker salvage " + file);
    assertThatThrownBy(() -> new ReferenceExport(new PlainCodec()).write(file, out))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("taskbroker salvage " + file);
    assertThat(out).doesNotExist();
  }

  @Test
  void aSecondNameOfTheFileIsSaid() throws Exception {
    Files.createLink(folder.resolve("second"), file);

    try (CapturedLog log = new CapturedLog("taskbroker::store");
        SqliteJournal _ = Groups.open(file)) {
      assertThat(log.lines()).anySatisfy(line -> assertThat(line).contains("2 names (hard links)"));
    }
  }

  private static Set<Long> unreadable(SqliteJournal journal, Iterable<Long> keys) {
    List<Long> asked = new ArrayList<>();
    keys.forEach(asked::add);
    return catchThrowableOfType(JournalException.Unreadable.class, () -> journal.payloads(asked))
        .reasons()
        .keySet();
  }
}
