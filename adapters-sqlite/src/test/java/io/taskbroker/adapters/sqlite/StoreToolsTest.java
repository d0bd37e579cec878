package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.sqlite.upstream.ReferenceFile;
import io.taskbroker.domain.ActivationState.Pending;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the tools for a store's file have in common. */
@Timeout(300)
class StoreToolsTest extends StoreFiles {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @Test
  void anExistingFileIsNotOverwritten() throws Exception {
    storeWith(row(1, task("a"), Pending.STATE));
    Files.writeString(out, "mine");

    assertThatThrownBy(this::export).hasMessageContaining("exists and is not overwritten");
    assertThatThrownBy(() -> StoreBackup.write(file, out, LIMIT))
        .hasMessageContaining("exists and is not overwritten");

    assertThat(out).hasContent("mine");
  }

  @Test
  void aMissingFileIsNamed_andNothingIsMade() {
    assertThatThrownBy(this::export).hasMessageContaining(file + " does not exist");
    assertThatThrownBy(() -> ParkedRows.open(file)).hasMessageContaining("does not exist");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anEmptyFileIsNoStore() throws Exception {
    Files.createFile(file);

    assertThatThrownBy(this::export).hasMessageContaining("there is nothing in it");
    assertThatThrownBy(() -> ParkedRows.open(file)).hasMessageContaining("there is nothing in it");
    assertThatThrownBy(() -> StoreBackup.write(file, out, LIMIT))
        .hasMessageContaining("there is nothing to copy");

    assertThat(file).isEmptyFile();
    assertThat(out).doesNotExist();
  }

  @Test
  void aFileOfTheReferenceIsToldFromAStore() throws Exception {
    ReferenceFile.create(file, ReferenceFile.NEWEST).close();

    assertThatThrownBy(this::export)
        .hasMessageContaining("is a file of the reference broker already");
    assertThatThrownBy(() -> ParkedRows.open(file))
        .hasMessageContaining("is a file of the reference broker already");
    assertThat(out).doesNotExist();
  }

  @Test
  void toolsLeaveNothingBesideTheStoreButWhatTheyWereAskedFor() throws Exception {
    storeWith(row(1, task("a"), Pending.STATE));
    Files.delete(folder.resolve("store.sqlite.lock")); // as after a restore from a backup

    export();
    ParkedRows.open(file).close();
    StoreBackup.write(file, folder.resolve("copy.sqlite"), LIMIT);

    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left)
          .extracting(path -> path.getFileName().toString())
          .containsExactlyInAnyOrder("store.sqlite", "out.sqlite", "copy.sqlite");
    }
  }

  @Test
  void theLockFileOfABrokerStays() throws Exception {
    storeWith(row(1, task("a"), Pending.STATE));

    export();

    assertThat(folder.resolve("store.sqlite.lock")).exists();
  }
}
