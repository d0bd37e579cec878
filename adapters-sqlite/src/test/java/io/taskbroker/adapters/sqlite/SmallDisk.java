package io.taskbroker.adapters.sqlite;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A small file system in memory that one program alone sees, mounted in a namespace of its own: for
 * that nobody has to be root.
 *
 * @param folder where it is mounted
 */
record SmallDisk(Path folder) {
  private static final String BALLAST = "ballast";
  private static final byte[] BLOCK = new byte[64 * 1024];

  /** Whether this system lets its users have such a thing. */
  static boolean isAllowed() {
    try {
      return new ProcessBuilder(
                  "unshare", "-Urm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt")
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

  /** Fills it, but for so many bytes; for the program. */
  void fill(int left) throws IOException {
    Path ballast = folder.resolve(BALLAST);
    try (OutputStream out =
        Files.newOutputStream(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(BLOCK);
      }
    } catch (IOException _) {
      // It is full.
    }
    try (var file = new RandomAccessFile(ballast.toFile(), "rw")) {
      file.setLength(Math.max(0, file.length() - left));
    }
  }

  /** Frees what was filled. */
  void free() throws IOException {
    Files.delete(folder.resolve(BALLAST));
  }
}
