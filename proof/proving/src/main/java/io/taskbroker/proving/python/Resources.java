package io.taskbroker.proving.python;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** The texts in Python that come with this program. */
final class Resources {
  private Resources() {}

  static String text(String name) {
    try (InputStream text = open(name)) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }

  /** Writes a copy into a folder, which is made if there is none. */
  static Path copy(String name, Path folder) {
    return copy(name, folder, UnaryOperator.identity());
  }

  /** Writes a copy that was changed into a folder, which is made if there is none. */
  static Path copy(String name, Path folder, UnaryOperator<String> change) {
    Path file = folder.resolve(name);
    try {
      Files.createDirectories(folder);
      Files.writeString(file, change.apply(text(name)));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(Resources.class.getResourceAsStream("/workers/" + name), name);
  }
}
