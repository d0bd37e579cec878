package io.taskbroker.embeddedkafka;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a folder for one process. The operating system drops the lock when that process ends,
 * however it ends.
 */
public final class FolderLock implements AutoCloseable {
  private static final String FILE = "in-use.lock";
  private static final String OWNER = "in-use.by";

  private final Path owner;
  private final FileChannel channel;

  private FolderLock(Path owner, FileChannel channel) {
    this.owner = owner;
    this.channel = channel;
  }

  /**
   * Takes the folder before anything in it is touched.
   *
   * @param folder created if missing
   * @param remedy what the user can do if another process has it; the end of a sentence
   * @throws IllegalStateException if another process has it, or if it cannot be written to
   */
  public static FolderLock take(Path folder, String remedy) {
    try {
      Files.createDirectories(folder);
      Path owner = folder.resolve(OWNER);
      FileChannel channel =
          FileChannel.open(
              folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new IllegalStateException(
            "%s is in use by %s: %s".formatted(folder, describe(owner), remedy));
      }
      Files.writeString(owner, Long.toString(ProcessHandle.current().pid()));
      return new FolderLock(owner, channel);
    } catch (IOException e) {
      throw new IllegalStateException("cannot use the folder " + folder + ": " + e, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null; // held by this JVM
    }
  }

  private static String describe(Path owner) {
    try {
      String pid = Files.readString(owner, StandardCharsets.UTF_8).strip();
      return pid.isEmpty() ? "another process" : "process " + pid;
    } catch (IOException _) {
      return "another process"; // which has not written its number yet
    }
  }

  /** Gives the folder up. */
  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(owner);
    } catch (IOException e) {
      throw new IllegalStateException("cannot give up the folder of " + owner, e);
    }
  }
}
