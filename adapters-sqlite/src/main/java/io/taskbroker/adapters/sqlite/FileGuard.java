package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a database file for one broker: holds a lock on {@code <file>.lock}, and says in {@code
 * <file>.owner} who holds it. The kernel drops the lock with the process, however that ends.
 */
final class FileGuard implements AutoCloseable {
  /**
   * Files held in this JVM. Asked before a lock file is opened, because closing a second descriptor
   * of it would drop the first one's lock.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private static final Path HOSTNAME = Path.of("/proc/sys/kernel/hostname");

  private static final String FOR_A_BROKER =
      "Two brokers cannot share a store: stop that one, or give this one another store.sqlite.path";

  private static final String FOR_A_TOOL = "Stop it first";

  /** Who holds a file, and what that leaves behind. */
  private enum Holder {
    BROKER(FOR_A_BROKER),
    /** It takes the lock file away that it has made. */
    TOOL(FOR_A_TOOL);

    private final String remedy;

    Holder(String remedy) {
      this.remedy = remedy;
    }
  }

  /**
   * A lock that was had.
   *
   * @param isNew whether its file was not there before
   */
  private record Lock(FileChannel channel, boolean isNew) {}

  private final Path file;
  private final FileChannel channel;
  private final boolean isTransient;

  private FileGuard(Path file, FileChannel channel, boolean isTransient) {
    this.file = file;
    this.channel = channel;
    this.isTransient = isTransient;
  }

  /**
   * Takes the file, or says who has it.
   *
   * @param file its real path, so that all names of one file meet in one lock
   */
  static FileGuard acquire(Path file) {
    return acquire(file, Holder.BROKER);
  }

  /** As {@link #acquire(Path)}, for a tool that works on the file of a stopped broker. */
  static FileGuard acquireForATool(Path file) {
    return acquire(file, Holder.TOOL);
  }

  private static FileGuard acquire(Path file, Holder holder) {
    if (!HELD.add(file)) {
      throw heldBy(file, "this process", holder.remedy);
    }
    try {
      Lock lock = lock(file, holder.remedy);
      boolean isTransient = lock.isNew && holder == Holder.TOOL;
      FileGuard guard = new FileGuard(file, lock.channel, isTransient);
      guard.sign();
      return guard;
    } catch (IOException e) {
      HELD.remove(file);
      throw new UnusableFileException(
          "%s cannot be locked: %s. The folder %s must be writable for the broker's user, and its file system must have room and support locks."
              .formatted(file, reason(e), file.getParent()),
          e);
    } catch (RuntimeException e) {
      HELD.remove(file);
      throw e;
    }
  }

  /** The lock holds without it, so that a disk which is full keeps nobody out. */
  private void sign() {
    try {
      Files.writeString(ownerFile(file), describeThisProcess());
    } catch (IOException e) {
      LOG.warn(
          "{} cannot be written: {}. Whoever else wants the store is not told who has it",
          ownerFile(file),
          reason(e));
    }
  }

  /**
   * A tool may take its lock file away between our opening it and our locking it. What we would
   * hold then is a file without a name, so that is looked at afterwards.
   */
  private static Lock lock(Path file, String remedy) throws IOException {
    Path lockFile = lockFile(file);
    boolean isNew = false;
    while (true) {
      Object found = identity(lockFile);
      isNew |= found == null;
      FileChannel channel =
          FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean isKnown = isStill(found, lockFile);
      try {
        if (isKnown && tryLock(channel) == null) {
          throw heldBy(file, readOwner(file), remedy);
        }
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
      if (isKnown && isStill(found, lockFile)) {
        return new Lock(channel, isNew);
      }
      channel.close();
    }
  }

  private static boolean isStill(@Nullable Object found, Path path) throws IOException {
    return found != null && found.equals(identity(path));
  }

  /** Differs for two files that had the same name one after the other; null if there is none. */
  private static @Nullable Object identity(Path path) throws IOException {
    try {
      var attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return attributes.fileKey() == null ? attributes.creationTime() : attributes.fileKey();
    } catch (NoSuchFileException _) {
      return null;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by a class of ours that another class loader has loaded
    }
  }

  private static UnusableFileException heldBy(Path file, String owner, String remedy) {
    return new UnusableFileException("%s is held by %s. %s.".formatted(file, owner, remedy));
  }

  private static String readOwner(Path file) {
    try {
      String owner = Files.readString(ownerFile(file)).strip();
      return owner.isEmpty() ? "another process" : owner;
    } catch (IOException e) {
      return "another process (" + ownerFile(file) + " does not say which: " + reason(e) + ")";
    }
  }

  private static String describeThisProcess() {
    ProcessHandle self = ProcessHandle.current();
    String since = self.info().startInstant().map(Instant::toString).orElse("an unknown time");
    return "process %d on host %s, started %s%n".formatted(self.pid(), hostname(), since);
  }

  /** Asked of the kernel: asking the resolver may take seconds. */
  private static String hostname() {
    try {
      return Files.readString(HOSTNAME).strip();
    } catch (IOException e) {
      return System.getenv().getOrDefault("HOSTNAME", "unknown");
    }
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException ? "no such file or folder" : String.valueOf(e);
  }

  /** The file that is locked. */
  Path lockFile() {
    return lockFile(file);
  }

  private static Path lockFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".lock");
  }

  private static Path ownerFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".owner");
  }

  /** Gives the file up. */
  @Override
  public void close() throws IOException {
    try {
      Files.deleteIfExists(ownerFile(file));
      if (isTransient) {
        Files.deleteIfExists(lockFile(file));
      }
    } finally {
      try {
        channel.close();
      } finally {
        HELD.remove(file);
      }
    }
  }
}
