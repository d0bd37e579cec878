package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.sqlite.upstream.ReferenceExport;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may read the store's files, whatever the umask of the process is. */
class FileModeTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("store.sqlite");
  }

  @Test
  void theFileAndItsCompanionsAreClosedToOthers() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, 1, 10));
      assertThat(modes())
          .containsOnlyKeys(
              "store.sqlite",
              "store.sqlite-shm",
              "store.sqlite-wal",
              "store.sqlite.lock",
              "store.sqlite.owner")
          .allSatisfy((_, mode) -> assertThat(mode).isEqualTo("rw-r-----"));
    }
  }

  @Test
  void theSettingOpensThemToOthers_alsoWhereTheyWereClosed() throws Exception {
    Groups.open(file).close();
    SqliteSettings open =
        new SqliteSettings(
            file, SqliteSettings.DEFAULT_RECLAIM_PAGES, false, FileMode.parse("0644"));

    try (SqliteJournal _ = SqliteJournal.open(open, new SettableTime())) {
      assertThat(modes()).allSatisfy((_, mode) -> assertThat(mode).isEqualTo("rw-r--r--"));
    }
  }

  @Test
  void whatToolsMakeIsAsOpenAsTheStore() throws Exception {
    Groups.open(file).close();
    StoreBackup.write(file, folder.resolve("backup"), Duration.ofMinutes(4));
    new ReferenceExport(new PlainCodec()).write(file, folder.resolve("export"));
    new StoreSalvage(new PlainCodec(), 0).write(file, folder.resolve("salvage"));

    Map<String, String> modes = modes();
    for (String name : List.of("backup", "export", "salvage")) {
      assertThat(modes).containsEntry(name, "rw-r-----");
    }
  }

  @ParameterizedTest
  @CsvSource({"0640, rw-r-----", "600, rw-------", "0666, rw-rw-rw-", "0644, rw-r--r--"})
  void isWrittenAsForChmod(String octal, String letters) {
    FileMode mode = FileMode.parse(octal);

    assertThat(PosixFilePermissions.toString(mode.permissions())).isEqualTo(letters);
    assertThat(FileMode.parse(mode.toString())).isEqualTo(mode);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "64", "0689", "rw-r-----", "0440", "0240", "0750", "0641", "01640"})
  void whatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> FileMode.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("06");
  }

  private Map<String, String> modes() throws Exception {
    Map<String, String> modes = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path path : files.toList()) {
        modes.put(
            path.getFileName().toString(),
            PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      }
    }
    return modes;
  }
}
