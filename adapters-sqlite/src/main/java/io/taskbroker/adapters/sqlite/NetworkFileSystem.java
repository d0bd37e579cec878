package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells users when their store is where SQLite cannot keep what it promises. */
public final class NetworkFileSystem {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** As the operating system calls them. */
  private static final Set<String> TYPES =
      Set.of(
          "9p",
          "afpfs",
          "afs",
          "beegfs",
          "ceph",
          "cifs",
          "fuse",
          "gfs2",
          "glusterfs",
          "lustre",
          "ncpfs",
          "nfs",
          "nfs4",
          "ocfs2",
          "smb2",
          "smb3",
          "smbfs",
          "virtiofs",
          "vboxsf",
          "webdav");

  private NetworkFileSystem() {}

  /**
   * Whether the file is on one, as far as that can be found out.
   *
   * @throws IOException if its file system cannot be asked
   */
  public static boolean holds(Path file) throws IOException {
    return isRemote(Files.getFileStore(file).type());
  }

  static void warn(Path file) {
    try {
      String type = Files.getFileStore(file.resolveSibling(".")).type();
      if (isRemote(type)) {
        LOG.warn(
            "{} is on a file system of type {}. There SQLite's locks and the memory that its"
                + " connections share are not reliable, and what was synced may not be on a disk"
                + " yet: tasks can be lost and the file damaged. Name a path on a local disk in"
                + " store.sqlite.path",
            file,
            type);
      }
    } catch (IOException e) {
      LOG.debug("The file system of {} is not known", file, e);
    }
  }

  /**
   * Whether files are elsewhere, or in the hands of a program of its own.
   *
   * @param type as the operating system calls it, such as {@code nfs4} or {@code fuse.sshfs}
   */
  static boolean isRemote(String type) {
    return TYPES.contains(type) || type.startsWith("fuse.") || type.startsWith("nfs");
  }
}
