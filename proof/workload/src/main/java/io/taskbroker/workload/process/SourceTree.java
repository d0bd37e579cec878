package io.taskbroker.workload.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The folder of sources that the packaged broker was built from. */
public final class SourceTree {
  private SourceTree() {}

  /** One of the documents for users, such as {@code metrics.md}. */
  public static List<String> lines(String document) {
    Path file = folder().resolve("docs").resolve(document);
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** What is built, and kept until the build is cleaned. */
  public static Path built(String name) {
    return folder().resolve("target").resolve(name);
  }

  /** A file or folder of the sources, by its path in the repository. */
  public static Path source(String path) {
    return folder().resolve(path);
  }

  /** The jar lies in the {@code target} of one of its modules. */
  private static Path folder() {
    return BrokerProcess.jar().resolve("../../..").normalize();
  }
}
