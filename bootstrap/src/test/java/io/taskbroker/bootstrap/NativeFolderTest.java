package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFolderTest {
  /** Above the largest process id that Linux gives. */
  private static final int NOBODY = 4_194_305;

  @TempDir private Path parent;
  private final Properties before = new Properties();

  @BeforeEach
  void useTheFolder() {
    before.putAll(System.getProperties());
    System.setProperty("java.io.tmpdir", parent.toString());
  }

  @AfterEach
  void restore() {
    System.setProperties(before);
  }

  @Test
  void takesItselfAwayAgain() throws IOException {
    try (NativeFolder _ = NativeFolder.create()) {
      Path folder = Path.of(System.getProperty("org.sqlite.tmpdir"));
      assertThat(folder).hasParent(parent).isDirectory();
      Files.writeString(folder.resolve("library.so"), "x");
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void takesAwayWhatKilledProcessesLeft() throws IOException {
    Path abandoned = Files.createDirectory(parent.resolve("taskbroker-native-" + NOBODY + "-x"));
    Files.writeString(abandoned.resolve("library.so"), "x");
    Path ofInit = Files.createDirectory(parent.resolve("taskbroker-native-1-x"));
    Path other = Files.createDirectory(parent.resolve("taskbroker-native-x"));

    try (NativeFolder _ = NativeFolder.create()) {
      assertThat(abandoned).doesNotExist();
      assertThat(ofInit).exists();
      assertThat(other).exists();
    }
  }
}
