package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One file, several processes. */
@Timeout(300)
class GuardedFileTest {
  @TempDir Path folder;

  @Test
  void aSecondProcessIsRefused_andToldWhoHoldsTheFile() throws Exception {
    Path file = folder.resolve("store.sqlite");
    try (OtherProcess holder = OtherProcess.start("hold", file)) {
      assertThat(holder.line()).isEqualTo("held");

      assertThatThrownBy(() -> Groups.open(file))
          .isInstanceOf(UnusableFileException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("held by process " + holder.pid() + " on host ")
          .hasMessageContaining("store.sqlite.path");
    }
  }

  @Test
  void whereTheNativeLibraryCannotBeUnpackedTheRemedyIsNamed() throws Exception {
    Path notAFolder = Files.createFile(folder.resolve("not-a-folder"));
    Path file = folder.resolve("store.sqlite");

    try (OtherProcess broker = OtherProcess.start("hold", file, "-Djava.io.tmpdir=" + notAFolder)) {
      assertThat(broker.lineWith("native library cannot be unpacked into " + notAFolder))
          .contains("-Djava.io.tmpdir=FOLDER");
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void aProcessThatWasKilledHoldsNothing() throws Exception {
    Path file = folder.resolve("store.sqlite");
    try (OtherProcess holder = OtherProcess.start("hold", file)) {
      assertThat(holder.line()).isEqualTo("held");
      holder.kill();

      Groups.open(file).close();
    }
  }

  @Test
  void anotherProcessIsRefusedWhileThisOneHoldsTheFile_alsoAfterARefusalHere() throws Exception {
    Path file = folder.resolve("store.sqlite");
    try (SqliteJournal journal = Groups.open(file)) {
      assertThatThrownBy(() -> Groups.open(file)).hasMessageContaining("held by this process");

      try (OtherProcess second = OtherProcess.start("hold", file)) {
        assertThat(second.line())
            .contains("held by process " + ProcessHandle.current().pid() + " on host ");
      }
      Groups.apply(journal, Groups.insertPending(1, 1, 10));
      assertThat(Groups.keys(journal)).containsExactly(1L);
    }
  }

  @Test
  void aLinkLeadsToTheSameLock() throws Exception {
    Path file = folder.resolve("store.sqlite");
    Path link = folder.resolve("link.sqlite");
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, 1, 10));
      Files.createSymbolicLink(link, file);

      assertThatThrownBy(() -> Groups.open(link)).hasMessageContaining("held by this process");
    }
    try (SqliteJournal journal = Groups.open(link)) {
      assertThat(Groups.keys(journal)).containsExactly(1L);
    }
  }

  @Test
  void anotherProcessReadsTheViewWhileTheBrokerWrites() throws Exception {
    Path file = folder.resolve("store.sqlite");
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, 10, 100));

      try (OtherProcess reader = OtherProcess.start("count", file)) {
        assertThat(reader.line()).isEqualTo("10");
      }
      Groups.apply(journal, Groups.insertPending(11, 12, 100));
      assertThat(OtherProcess.count(file)).isEqualTo(12);
    }
  }

  /** Each takes the lock file away that it has made, while the other is about to lock it. */
  @Test
  void twoToolsNeverHoldTheFileTogether() throws Exception {
    Path file = Files.createFile(folder.resolve("store.sqlite"));
    try (OtherProcess one = OtherProcess.start("take", file);
        OtherProcess other = OtherProcess.start("take", file)) {
      assertThat(one.line()).isEqualTo("took it in turns");
      assertThat(other.line()).isEqualTo("took it in turns");
    }
  }

  @Test
  void whatWasAppliedSurvivesAKill_andEachGroupIsThereAsAWhole() throws Exception {
    Path file = folder.resolve("store.sqlite");
    long said = 0;
    try (OtherProcess writer = OtherProcess.start("write", file)) {
      while (said < 200) {
        said = Long.parseLong(writer.line());
      }
      writer.kill();
    }

    try (SqliteJournal journal = Groups.open(file)) {
      List<Long> keys = Groups.keys(journal);
      assertThat(keys.size()).isGreaterThanOrEqualTo((int) said).isEven();
      assertThat(journal.payloads(keys)).containsOnlyKeys(new ArrayList<>(keys));
    }
  }
}
