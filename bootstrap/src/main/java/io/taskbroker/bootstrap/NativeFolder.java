package io.taskbroker.bootstrap;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A folder of this process alone, into which libraries unpack their native parts. They would leave
 * them behind, as the process ends without the JVM's clean-up.
 */
final class NativeFolder implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("taskbroker-native-([0-9]+)-.*");

  private final Path folder;

  private NativeFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the folder, and removes those of processes that were killed.
   *
   * @throws IOException if the JVM's temporary folder cannot be written to
   */
  static NativeFolder create() throws IOException {
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    removeAbandoned(parent);
    long pid = ProcessHandle.current().pid();
    Path folder = Files.createTempDirectory(parent, "taskbroker-native-" + pid + "-");
    System.setProperty("org.sqlite.tmpdir", folder.toString());
    System.setProperty("ZstdTempFolder", folder.toString());
    System.setProperty("org.xerial.snappy.tempdir", folder.toString());
    return new NativeFolder(folder);
  }

  /** What is loaded stays loaded. */
  @Override
  public void close() {
    remove(folder);
  }

  private static void removeAbandoned(Path parent) throws IOException {
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(parent, path -> isAbandoned(path.getFileName().toString()))) {
      folders.forEach(NativeFolder::remove);
    }
  }

  /** In a container every process may have our own number. */
  private static boolean isAbandoned(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return false;
    }
    long pid = Long.parseLong(matcher.group(1));
    return pid == ProcessHandle.current().pid() || ProcessHandle.of(pid).isEmpty();
  }

  private static void remove(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException _) {
      // Another user's, or removed by another broker meanwhile; nothing depends on it.
    }
  }
}
