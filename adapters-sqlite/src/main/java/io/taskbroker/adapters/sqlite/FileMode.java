package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may read and write the store's files. A file system without such permissions ignores it.
 *
 * @param permissions of each file; its owner may read and write it, and nobody executes it
 */
public record FileMode(Set<PosixFilePermission> permissions) {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private static final Pattern OCTAL = Pattern.compile("0?[0-7]{3}");
  private static final String LETTERS = "rwxrwxrwx";

  /** The owner writes, the group reads. */
  public static final FileMode DEFAULT = parse("0640");

  public FileMode {
    permissions = Set.copyOf(permissions);
    if (!permissions.contains(PosixFilePermission.OWNER_READ)
        || !permissions.contains(PosixFilePermission.OWNER_WRITE)) {
      throw new IllegalArgumentException(
          "the broker itself must read and write its files: begin with 06, as in 0640");
    }
    if (permissions.contains(PosixFilePermission.OWNER_EXECUTE)
        || permissions.contains(PosixFilePermission.GROUP_EXECUTE)
        || permissions.contains(PosixFilePermission.OTHERS_EXECUTE)) {
      throw new IllegalArgumentException(
          "nobody executes these files: use the digits 0, 2, 4 and 6, as in 0640");
    }
  }

  /**
   * Reads a mode as {@code chmod} takes it, in octal digits, for example {@code 0640}.
   *
   * @throws IllegalArgumentException if it is none, or one that these files cannot have
   */
  public static FileMode parse(String octal) {
    if (!OCTAL.matcher(octal).matches()) {
      throw new IllegalArgumentException("'" + octal + "' is no mode such as 0640");
    }
    int bits = Integer.parseInt(octal, 8);
    var letters = new StringBuilder();
    for (int i = 0; i < LETTERS.length(); i++) {
      letters.append(((bits >> (LETTERS.length() - 1 - i)) & 1) == 1 ? LETTERS.charAt(i) : '-');
    }
    return new FileMode(PosixFilePermissions.fromString(letters.toString()));
  }

  /** The mode of a file, without rights to execute it; the default if it has none. */
  public static FileMode of(Path file) {
    try {
      Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(file));
      permissions.removeAll(
          EnumSet.of(
              PosixFilePermission.OWNER_EXECUTE,
              PosixFilePermission.GROUP_EXECUTE,
              PosixFilePermission.OTHERS_EXECUTE));
      permissions.add(PosixFilePermission.OWNER_READ);
      permissions.add(PosixFilePermission.OWNER_WRITE);
      return new FileMode(permissions);
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException _) {
      return DEFAULT;
    }
  }

  /** Makes an empty file, which nobody else could open before it had this mode. */
  public void create(Path file) throws IOException {
    if (hasModes(file)) {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(permissions));
      Files.setPosixFilePermissions(file, permissions); // whatever the umask has taken away
    } else {
      Files.createFile(file);
    }
  }

  /** Gives the file this mode, if it is there; opens nothing. */
  void applyTo(Path file) {
    if (!hasModes(file)) {
      return;
    }
    try {
      if (!Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS).equals(permissions)) {
        Files.setPosixFilePermissions(file, permissions);
      }
    } catch (NoSuchFileException _) {
      // There is nothing to protect.
    } catch (IOException e) {
      LOG.warn(
          "{} keeps its permissions, and not those of store.sqlite.file_mode: {}. Only its owner can"
              + " change them",
          file,
          e.toString());
    }
  }

  private static boolean hasModes(Path file) {
    return Files.getFileAttributeView(
            file.toAbsolutePath().getParent(), PosixFileAttributeView.class)
        != null;
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    String letters = PosixFilePermissions.toString(permissions);
    int bits = 0;
    for (int i = 0; i < letters.length(); i++) {
      bits = (bits << 1) | (letters.charAt(i) == '-' ? 0 : 1);
    }
    return "0" + Integer.toOctalString(0x200 | bits).substring(1);
  }
}
