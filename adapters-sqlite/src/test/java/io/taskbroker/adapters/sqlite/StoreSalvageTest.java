package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.sqlite.StoreSalvage.Lost;
import io.taskbroker.adapters.sqlite.StoreSalvage.Outcome;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Status;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.broker.PlainTask;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be read of a damaged store gets into a sound one, and the rest is named. */
class StoreSalvageTest {
  private static final int ROWS = 1_000;
  private static final long NOW_MS = 1_771_000_000_000L;

  @TempDir Path folder;
  private Path file;
  private Path out;

  @BeforeEach
  void nameTheFiles() {
    file = folder.resolve("store.sqlite");
    out = folder.resolve("salvaged.sqlite");
  }

  @Test
  void aSoundStoreIsCopiedAsItIs() throws Exception {
    fill();

    Outcome outcome = salvage();

    assertThat(outcome).isEqualTo(new Outcome(out, ROWS - 1, 1, List.of(), List.of(), List.of()));
    assertThat(outcome.isWhole()).isTrue();
    assertThat(rows(out)).isEqualTo(rows(file));
  }

  @Test
  void ofADamagedPayloadPageTheTasksAreNamed_andTheOthersCopied() throws Exception {
    fill();
    DamagedPages.withText(file, "body of 500.");
    Map<String, String> before = content();

    Outcome outcome = salvage();

    List<Lost> lost = outcome.lost();
    assertThat(lost).hasSizeBetween(1, 4);
    assertThat(lost)
        .anySatisfy(
            one -> {
              assertThat(one.id()).isEqualTo("id-0500");
              assertThat(one.key()).isEqualTo(500);
              assertThat(one.topic()).isEqualTo(Activations.ORIGIN.topic());
              assertThat(one.offset()).isEqualTo(500);
              assertThat(one.reason()).contains("its payload cannot be read");
            });
    assertThat(outcome.tasks()).isEqualTo(ROWS - 1 - lost.size());
    assertThat(outcome.isWhole()).isFalse();
    Map<String, String> after = content();
    after.remove("salvaged.sqlite");
    assertThat(after).isEqualTo(before);
    assertThat(rows(out)).hasSize(ROWS - lost.size()).doesNotContainKey("id-0500");
  }

  @Test
  void tasksWhoseStateIsLostAreRestoredFromTheirPayloads() throws Exception {
    fill();
    DamagedPages.withText(file, "id-0300shop"); // as it stands in its row, not in its payload

    Outcome outcome = salvage();

    assertThat(outcome.lost()).isEmpty();
    assertThat(outcome.restored()).contains("id-0300");
    assertThat(outcome.damage()).anySatisfy(part -> assertThat(part).startsWith("keys "));
    Map<String, StoredActivation> rows = rows(out);
    assertThat(rows).hasSize(ROWS);
    assertThat(rows.keySet()).containsAll(outcome.restored());
    rows.values().stream()
        .filter(row -> outcome.restored().contains(row.activation().id()))
        .forEach(
            row ->
                assertThat(row.state().status())
                    .as(row.activation().id())
                    .isEqualTo(row.activation().isAtMostOnce() ? Status.FAILURE : Status.PENDING));
  }

  @Test
  void whatABrokerThatWasKilledLeftInItsLogIsCopied_andNothingIsLeftBeside() throws Exception {
    long last;
    try (OtherProcess writer = OtherProcess.start("write", file)) {
      for (int i = 0; i < 20; i++) {
        writer.line();
      }
      writer.kill();
      last = 40;
    }
    Files.deleteIfExists(folder.resolve("store.sqlite-shm"));
    Files.deleteIfExists(folder.resolve("store.sqlite.owner"));
    Files.deleteIfExists(folder.resolve("store.sqlite.lock"));
    assertThat(Files.size(LogSync.of(file))).isPositive();
    Map<String, String> before = content();

    Outcome outcome = salvage();

    assertThat(outcome.isWhole()).isTrue();
    assertThat(outcome.tasks()).isGreaterThanOrEqualTo(last);
    Map<String, String> after = content();
    after.remove("salvaged.sqlite");
    assertThat(after).isEqualTo(before);
  }

  @Test
  void aFileThatIsCutShortIsReadAsFarAsItGoes() throws Exception {
    fill();
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(raw.length() * 2 / 3 / Schema.PAGE_BYTES * Schema.PAGE_BYTES);
    }

    Outcome outcome = salvage();

    assertThat(outcome.isWhole()).isFalse();
    assertThat(outcome.tasks()).isGreaterThan(100);
    assertThat(rows(out)).hasSize(Math.toIntExact(outcome.tasks() + outcome.finished()));
  }

  @Test
  void aFileOfWhichTheFirstPageMakesNoSenseIsRefused() throws Exception {
    fill();
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(100);
      raw.write(new byte[1_000]);
    }

    assertThatThrownBy(this::salvage)
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("Restore it from a backup");
    assertThat(out).doesNotExist();
  }

  @Test
  void aLogThatMakesNoSenseIsNamed_andTheDatabaseCopiedWithoutIt() throws Exception {
    fill();
    Files.writeString(LogSync.of(file), "Dear diary, ".repeat(100));

    Outcome outcome = salvage();

    assertThat(outcome.damage())
        .containsExactly(
            "what is only in its log %s, which is damaged, or no log of SQLite"
                .formatted(LogSync.of(file)));
    assertThat(outcome.tasks()).isEqualTo(ROWS - 1);
  }

  @Test
  void anExistingFileIsNotOverwritten_andAStoreInUseNotRead() throws Exception {
    fill();
    try (SqliteJournal _ = Groups.open(file)) {
      assertThatThrownBy(this::salvage)
          .isInstanceOf(UnusableFileException.class)
          .hasMessageContaining("is held by");
    }
    Files.writeString(out, "mine");

    assertThatThrownBy(this::salvage)
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("exists and is not overwritten");
    assertThat(out).hasContent("mine");
  }

  private Outcome salvage() {
    return new StoreSalvage(new PlainCodec(), NOW_MS).write(file, out);
  }

  /** The last row is finished, and every tenth is to run at most once. */
  private void fill() {
    try (SqliteJournal journal = Groups.open(file)) {
      List<StoredActivation> rows = new ArrayList<>();
      Map<Long, byte[]> payloads = new HashMap<>();
      LongStream.rangeClosed(1, ROWS)
          .forEach(
              key -> {
                rows.add(row(key));
                payloads.put(key, payload(key));
              });
      journal.apply(
          new JournalGroup(
              new Changes(rows, List.of(), List.of(), Map.of(new Partition("tasks", 1), 7L)),
              payloads),
          Durability.POWER_CUT);
    }
  }

  private static StoredActivation row(long key) {
    ActivationState state = key == ROWS ? Completed.STATE : Pending.STATE;
    Activations activation = Activations.pending(id(key)).offset(key);
    return Groups.row(key, key % 10 == 0 ? activation.atMostOnce() : activation, state);
  }

  private static byte[] payload(long key) {
    byte[] body = ("body of " + key + ".").repeat(70).getBytes(StandardCharsets.UTF_8);
    return PlainTask.of(row(key).activation(), body).encode();
  }

  private static String id(long key) {
    return "id-%04d".formatted(key);
  }

  private static Map<String, StoredActivation> rows(Path store) {
    Map<String, StoredActivation> rows = new TreeMap<>();
    try (SqliteJournal journal = Groups.open(store)) {
      journal.load(_ -> {}, row -> rows.put(row.activation().id(), row));
      List<Long> unfinished =
          rows.values().stream()
              .filter(row -> !(row.state() instanceof Completed))
              .map(StoredActivation::key)
              .toList();
      assertThat(journal.payloads(unfinished)).containsOnlyKeys(unfinished);
    }
    return rows;
  }

  private Map<String, String> content() throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path path : files.toList()) {
        content.put(
            path.getFileName().toString(),
            Files.getLastModifiedTime(path) + " " + Arrays.hashCode(Files.readAllBytes(path)));
      }
    }
    return content;
  }
}
