package io.taskbroker.embeddedkafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
  private static final String REMEDY = "take another one";

  @TempDir Path parent;

  @Test
  void keepsAFolderForOne_andSaysWhoHasIt() {
    Path folder = parent.resolve("state");
    try (FolderLock _ = FolderLock.take(folder, REMEDY)) {
      assertThatThrownBy(() -> FolderLock.take(folder, REMEDY))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "%s is in use by process %d: %s", folder, ProcessHandle.current().pid(), REMEDY);
    }
    try (FolderLock again = FolderLock.take(folder, REMEDY)) {
      assertThat(again).isNotNull();
    }
  }

  @Test
  void saysWhatIsNoFolder() throws IOException {
    Path file = Files.createFile(parent.resolve("file"));

    assertThatThrownBy(() -> FolderLock.take(file, REMEDY))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void aKafkaLeavesTheFolderOfAnotherAlone() throws IOException {
    Path folder = parent.resolve("kafka");
    try (FolderLock _ = FolderLock.take(folder, REMEDY)) {
      assertThatThrownBy(() -> EmbeddedKafka.start(NodeSettings.in(folder)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is in use by process");
      assertThat(folder.resolve("meta.properties")).doesNotExist();
    }
  }
}
