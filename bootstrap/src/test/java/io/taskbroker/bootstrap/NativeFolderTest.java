package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFolderTest {
  /** Above the largest process id that Linux gives. */
  private static final int NOBODY = 4_194_305;

  private static final List<String> UNPACKED =
      List.of(
          "sqlite-3.53.4.0-0914f28c-libsqlitejdbc.so",
          "sqlite-3.53.4.0-0914f28c-libsqlitejdbc.so.lck",
          "libzstd-jni-1.5.7-61234.so",
          "snappy-1.1.10-0914f28c-libsnappyjava.so");

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
      for (String name : UNPACKED) {
        Files.writeString(folder.resolve(name), "x");
      }
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void takesAwayWhatKilledProcessesLeft() throws IOException {
    Path abandoned = Files.createDirectory(parent.resolve("taskbroker-native-" + NOBODY + "-x"));
    for (String name : UNPACKED) {
      Files.writeString(abandoned.resolve(name), "x");
    }
    Path ofInit = Files.createDirectory(parent.resolve("taskbroker-native-1-x"));
    Path other = Files.createDirectory(parent.resolve("taskbroker-native-x"));

    try (NativeFolder _ = NativeFolder.create()) {
      assertThat(abandoned).doesNotExist();
      assertThat(ofInit).exists();
      assertThat(other).exists();
    }
  }

  @Test
  void followsNoLink_toAFolder() throws IOException {
    Path victim = Files.createDirectory(parent.resolve("victim"));
    Path file = Files.writeString(victim.resolve(UNPACKED.getFirst()), "mine");
    Path link = parent.resolve("taskbroker-native-" + NOBODY + "-x");
    Files.createSymbolicLink(link, victim);

    try (NativeFolder _ = NativeFolder.create()) {
      assertThat(file).hasContent("mine");
      assertThat(link).isSymbolicLink();
    }
  }

  @Test
  void removesOnlyFilesWithTheNamesOfLibraries_andNoLinks() throws IOException {
    Path abandoned = Files.createDirectory(parent.resolve("taskbroker-native-" + NOBODY + "-x"));
    Path other = Files.writeString(abandoned.resolve("thesis.txt"), "mine");
    Path victim = Files.writeString(parent.resolve("victim"), "mine");
    Path link = Files.createSymbolicLink(abandoned.resolve(UNPACKED.getFirst()), victim);
    Path unpacked = Files.writeString(abandoned.resolve(UNPACKED.getLast()), "x");

    try (NativeFolder _ = NativeFolder.create()) {
      assertThat(other).hasContent("mine");
      assertThat(victim).hasContent("mine");
      assertThat(link).isSymbolicLink();
      assertThat(unpacked).doesNotExist();
    }
  }

  @Test
  void aRehearsalThatIsUnderWay_isLeftAlone() throws IOException {
    Path other = Files.createDirectory(parent.resolve("taskbroker-native-" + NOBODY + "-x"));
    Path store = Files.writeString(other.resolve("rehearsal.sqlite"), "x");
    Path lock = Files.writeString(other.resolve("rehearsal.sqlite.lock"), "");
    try (FileChannel held = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock _ = held.lock()) {
      try (NativeFolder _ = NativeFolder.create()) {
        assertThat(store).exists();
      }
    }

    try (NativeFolder _ = NativeFolder.create()) {
      assertThat(other).doesNotExist();
    }
  }
}
