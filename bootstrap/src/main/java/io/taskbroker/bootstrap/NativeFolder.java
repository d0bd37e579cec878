package io.taskbroker.bootstrap;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A folder of this process alone, into which libraries unpack their native parts, and for what else
 * it needs for a while. They would leave them behind, as the process ends without the JVM's
 * clean-up.
 *
 * <p>The temporary folder belongs to everybody, so whatever bears such a name there may have been
 * made by somebody else. What is removed is a folder, not a link to one, that belongs to this
 * process's user, and in it files, not links, whose names the libraries give. Names are looked up
 * from the open folder on, so that nobody can exchange a part of the way in between.
 */
final class NativeFolder implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("taskbroker-native-([0-9]{1,18})-.*");

  /**
   * As sqlite-jdbc, zstd-jni and snappy-java call what they unpack, and SQLite's marks of use; and
   * the file of a {@link Rehearsal}, with its companions.
   */
  private static final Pattern UNPACKED =
      Pattern.compile(
          "sqlite-[^/]*libsqlitejdbc\\.[a-z]+(\\.lck)?"
              + "|libzstd-jni[^/]*\\.[a-z]+"
              + "|snappy-[^/]*snappyjava\\.[a-z]+"
              + "|"
              + Pattern.quote(RehearsedBroker.FILE)
              + "[^/]*");

  /** The store's file guard holds it, as long as a rehearsal is under way. */
  private static final Path REHEARSAL_LOCK = Path.of(RehearsedBroker.FILE + ".lock");

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
    long pid = ProcessHandle.current().pid();
    Path folder = Files.createTempDirectory(parent, "taskbroker-native-" + pid + "-");
    removeAbandoned(parent, folder);
    System.setProperty("org.sqlite.tmpdir", folder.toString());
    System.setProperty("ZstdTempFolder", folder.toString());
    System.setProperty("org.xerial.snappy.tempdir", folder.toString());
    return new NativeFolder(folder);
  }

  Path path() {
    return folder;
  }

  /** What is loaded stays loaded. */
  @Override
  public void close() {
    Path parent = folder.toAbsolutePath().getParent();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(parent)) {
      if (all instanceof SecureDirectoryStream<Path> secure) {
        remove(secure, folder.getFileName(), Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS));
      }
    } catch (IOException _) {
      // Removed by somebody else meanwhile; nothing depends on it.
    }
  }

  private static void removeAbandoned(Path parent, Path own) throws IOException {
    UserPrincipal user = Files.getOwner(own, LinkOption.NOFOLLOW_LINKS);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(parent)) {
      if (all instanceof SecureDirectoryStream<Path> secure) {
        for (Path path : secure) {
          Path name = path.getFileName();
          if (!name.equals(own.getFileName()) && isAbandoned(name.toString())) {
            removeIfPossible(secure, name, user);
          }
        }
      }
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

  private static void removeIfPossible(
      SecureDirectoryStream<Path> parent, Path name, UserPrincipal user) {
    try {
      remove(parent, name, user);
    } catch (IOException _) {
      // Another user's, or removed by another broker meanwhile; nothing depends on it.
    }
  }

  /**
   * Removes a folder of the user with what was unpacked into it, unless something else is there.
   */
  private static void remove(SecureDirectoryStream<Path> parent, Path name, UserPrincipal user)
      throws IOException {
    List<Path> unpacked = new ArrayList<>();
    try (SecureDirectoryStream<Path> folder =
        parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
      if (!folder.getFileAttributeView(FileOwnerAttributeView.class).getOwner().equals(user)
          || isInUse(folder)) {
        return;
      }
      for (Path file : folder) {
        unpacked.add(file.getFileName());
      }
      for (Path file : unpacked) {
        if (UNPACKED.matcher(file.toString()).matches() && isFile(folder, file)) {
          folder.deleteFile(file);
        }
      }
    }
    parent.deleteDirectory(name); // fails if something is left in it
  }

  /** Whether a rehearsal is under way in it: its process may be in another container. */
  private static boolean isInUse(SecureDirectoryStream<Path> folder) throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try (SeekableByteChannel lock = folder.newByteChannel(REHEARSAL_LOCK, options)) {
      return lock instanceof FileChannel file && file.tryLock() == null;
    } catch (NoSuchFileException _) {
      return false;
    } catch (OverlappingFileLockException _) {
      return true; // in this process
    }
  }

  private static boolean isFile(SecureDirectoryStream<Path> folder, Path name) throws IOException {
    return folder
        .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes()
        .isRegularFile();
  }
}
