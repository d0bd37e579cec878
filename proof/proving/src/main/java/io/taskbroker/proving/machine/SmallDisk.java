package io.taskbroker.proving.machine;

import io.taskbroker.workload.process.ChildProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A small file system in memory that one program alone sees, mounted in a namespace of its own: for
 * that nobody has to be root. What is in it is gone with the program.
 *
 * @param folder where it is mounted; an empty one that everybody sees
 */
public record SmallDisk(Path folder) {
  private static final String BALLAST = "ballast";
  private static final byte[] BLOCK = new byte[64 * 1024];

  public static final String NEEDS =
      "needs a system that lets its users mount a file system of their own";

  /** Whether this system lets its users have such a thing. */
  public static boolean isAllowed() {
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

  /**
   * Words before a command, so that it runs with this disk.
   *
   * @param options of the mount, such as {@code size=24m} or {@code ro}
   */
  public List<String> with(String options) {
    return List.of(
        "unshare",
        "-Urm",
        "sh",
        "-c",
        "mount -t tmpfs -o %s tmpfs '%s' && exec \"$@\"".formatted(options, folder),
        "sh");
  }

  /** The folder as the program sees it. */
  public Path seenBy(ChildProcess program) {
    return Path.of("/proc/" + program.pid() + "/root" + folder.toAbsolutePath());
  }

  /** Fills it, but for so many bytes. */
  public void fill(ChildProcess program, int left) {
    Path ballast = seenBy(program).resolve(BALLAST);
    long size = 0;
    try (OutputStream out =
        Files.newOutputStream(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(BLOCK);
        size += BLOCK.length;
      }
    } catch (IOException _) {
      // It is full.
    }
    try (var file = new RandomAccessFile(ballast.toFile(), "rw")) {
      file.setLength(Math.max(0, file.length() - left));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot cut " + ballast + " of " + size + " bytes", e);
    }
  }

  /** Takes what was freed since it was filled, but for so many bytes. */
  public void refill(ChildProcess program, int left) {
    Path ballast = seenBy(program).resolve(BALLAST);
    try (OutputStream out = Files.newOutputStream(ballast, StandardOpenOption.APPEND)) {
      for (long room = ballast.toFile().getUsableSpace() - left;
          room >= BLOCK.length;
          room -= BLOCK.length) {
        out.write(BLOCK);
      }
    } catch (IOException _) {
      // The program was quicker: it is full.
    }
  }

  public void empty(ChildProcess program) {
    try {
      Files.delete(seenBy(program).resolve(BALLAST));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove the ballast", e);
    }
  }
}
