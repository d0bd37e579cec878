package io.taskbroker.workload.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file with rules that is replaced as Kubernetes does it: a link to its folder is swapped. */
public final class RulesFolder {
  private static final String FILE = "rules.yml";

  private final Path folder;
  private int versions;

  private RulesFolder(Path folder) {
    this.folder = folder;
  }

  /** Makes the folder, and in it a file with this content. */
  public static RulesFolder create(Path folder, String yaml) {
    try {
      Files.createDirectories(folder);
      Files.createSymbolicLink(folder.resolve(FILE), Path.of("data", FILE));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + folder, e);
    }
    RulesFolder rules = new RulesFolder(folder);
    rules.replace(yaml);
    return rules;
  }

  public Path file() {
    return folder.resolve(FILE).toAbsolutePath();
  }

  /** From one moment to the next the file has this content. */
  public void replace(String yaml) {
    versions++;
    Path version = Path.of("version-" + versions);
    try {
      Files.createDirectories(folder.resolve(version));
      Files.writeString(folder.resolve(version).resolve(FILE), yaml);
      Path next = Files.createSymbolicLink(folder.resolve("data_next"), version);
      Files.move(next, folder.resolve("data"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot replace " + file(), e);
    }
  }
}
