package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Copying a store while its broker runs. */
@Timeout(300)
class StoreBackupTest extends StoreFiles {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @Test
  void aBackupBesideAWritingBrokerHasWholeGroupsAndCanBeUsed() throws Exception {
    long said = 0;
    try (OtherProcess writer = OtherProcess.start("write", file)) {
      while (said < 200) {
        said = Long.parseLong(writer.line());
      }
      assertThat(StoreBackup.write(file, out, LIMIT)).isEqualTo(Files.size(out));
      assertThat(writer.line()).isNotBlank();
    }

    try (SqliteJournal copy = Groups.open(out)) {
      List<Long> keys = Groups.keys(copy);
      assertThat(keys.size()).isGreaterThanOrEqualTo((int) said).isEven();
      assertThat(copy.payloads(keys)).hasSize(keys.size());
    }
  }

  @Test
  void aBackupThatTakesTooLongIsGivenUp() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      for (int i = 0; i < 20; i++) {
        Groups.apply(journal, Groups.insertPending(i * 100L + 1, i * 100L + 100, 20_000));
      }
    }

    assertThatThrownBy(() -> StoreBackup.write(file, out, Duration.ZERO))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("not done within 0 s");
    assertThat(out).doesNotExist();
  }
}
