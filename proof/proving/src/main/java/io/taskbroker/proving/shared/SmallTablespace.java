package io.taskbroker.proving.shared;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A small file system in memory, for a database's tables and not for the server's log: a server
 * whose log is full ends. Only root can mount one that a server which runs already sees.
 */
final class SmallTablespace implements AutoCloseable {
  static final String NEEDS = "needs to mount a file system, which only root may";

  private static final int SIZE_MB = 96;
  private static final byte[] BLOCK = new byte[64 * 1024];

  private final Path folder;
  private final Path ballast;

  private SmallTablespace(Path folder) {
    this.folder = folder;
    this.ballast = folder.resolve("ballast");
  }

  static boolean isPossible() {
    return run("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt") == 0;
  }

  /**
   * @param folder does not exist
   */
  static SmallTablespace mount(Path folder) {
    try {
      Files.createDirectories(folder);
      String options = "size=%dm".formatted(SIZE_MB);
      if (run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.toString()) != 0) {
        throw new IllegalStateException("cannot mount a file system at " + folder);
      }
      Files.createDirectory(folder.resolve("tables"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + folder, e);
    }
    return new SmallTablespace(folder);
  }

  /** An empty folder for the server. */
  Path tables() {
    return folder.resolve("tables");
  }

  /** Leaves no room. */
  void fill() {
    try (OutputStream out =
        Files.newOutputStream(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(BLOCK);
      }
    } catch (IOException _) {
      // It is full.
    }
  }

  void empty() {
    try {
      Files.deleteIfExists(ballast);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + ballast, e);
    }
  }

  private static int run(String... command) {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException _) {
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  @Override
  public void close() {
    int _ = run("umount", "-l", folder.toString());
  }
}
