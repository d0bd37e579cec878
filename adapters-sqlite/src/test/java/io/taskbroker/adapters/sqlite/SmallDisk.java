package io.taskbroker.adapters.sqlite;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A small file system in memory that one program alone sees, mounted in a namespace of its own: for
 * that nobody has to be root.
 *
 * @param folder where it is mounted
 */
record SmallDisk(Path folder) {
  /** Whether this system lets its users have such a thing. */
  static boolean isAllowed() {
    try {
      return new ProcessBuilder(
                  "unshare",
                  "-Urm",
                  "sh",
                  "-c",
                  "mount -t tmpfs -o size=1m tmpfs /mnt && mount -o remount,size=2m /mnt")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Runs a program that gets the folder as its last argument, and returns all that it said. */
  List<String> run(int megabytes, Class<?> program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("unshare", "-Urm", "sh", "-c"));
    command.add(
        "mount -t tmpfs -o size=%dm tmpfs '%s' && exec \"$@\"".formatted(megabytes, folder));
    command.add("sh");
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(arguments));
    command.add(folder.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> said = new ArrayList<>();
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      output.lines().forEach(said::add);
    } finally {
      process.destroyForcibly();
    }
    return said;
  }

  /** How large it is, in bytes; for the program. */
  long size() throws IOException {
    return Files.getFileStore(folder).getTotalSpace();
  }

  /**
   * Leaves so many bytes of it free, in one step, so that nobody can write a part of something. The
   * program calls it while nothing writes.
   */
  void leave(int bytes) throws IOException {
    FileStore disk = Files.getFileStore(folder);
    resize(disk.getTotalSpace() - disk.getUsableSpace() + bytes);
  }

  /** Gives it another size; for the program. */
  void resize(long bytes) throws IOException {
    Process mount =
        new ProcessBuilder("mount", "-o", "remount,size=" + bytes, folder.toString())
            .inheritIO()
            .start();
    try {
      if (mount.waitFor() != 0) {
        throw new IOException("The disk at " + folder + " was not made " + bytes + " bytes large");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while the size of " + folder + " was changed", e);
    }
  }
}
