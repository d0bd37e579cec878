package io.taskbroker.proving.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** What names mean to one process, as a file in the format of {@code /etc/hosts}. */
public final class HostsFile {
  private final Path file;
  private final String name;

  /**
   * @param name the one whose addresses change
   */
  public HostsFile(Path file, String name) {
    this.file = file.toAbsolutePath();
    this.name = name;
  }

  /** An option for its JVM, which then asks nobody else. */
  public String option() {
    return "-Djdk.net.hosts.file=" + file;
  }

  /** From here on the name has these addresses. */
  public void addresses(List<String> all) {
    try {
      StringBuilder lines = new StringBuilder("127.0.0.1 localhost\n");
      lines.append("127.0.0.1 ").append(InetAddress.getLocalHost().getHostName()).append('\n');
      all.forEach(address -> lines.append(address).append(' ').append(name).append('\n'));
      Path written = file.resolveSibling(file.getFileName() + ".new");
      Files.createDirectories(file.getParent());
      Files.writeString(written, lines);
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
