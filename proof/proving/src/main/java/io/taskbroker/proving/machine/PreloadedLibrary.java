package io.taskbroker.proving.machine;

import io.taskbroker.workload.process.ChildProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A library of ours in C, built where it is needed, that is loaded into another program. */
public final class PreloadedLibrary {
  private static final Duration BUILD = Duration.ofMinutes(1);

  private PreloadedLibrary() {}

  public static final String NEEDS = "needs Linux and a C compiler called cc";

  /** Whether there is a compiler for it, and a linker that preloads. */
  public static boolean isPossible() {
    return System.getProperty("os.name").equals("Linux")
        && Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "cc")));
  }

  /**
   * Builds one, and returns where it is.
   *
   * @param resource its source, on the class path, such as {@code /clock/stepped-clock.c}
   * @param folder takes the library and its source; created if missing
   */
  public static Path build(String resource, Path folder) {
    String name = resource.substring(resource.lastIndexOf('/') + 1);
    Path source = folder.resolve(name).toAbsolutePath();
    Path library = folder.resolve(name.replace(".c", ".so")).toAbsolutePath();
    try (InputStream text = PreloadedLibrary.class.getResourceAsStream(resource)) {
      Files.createDirectories(folder);
      Files.write(source, Objects.requireNonNull(text, resource).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + source, e);
    }
    List<String> command =
        List.of(
            "cc",
            "-O2",
            "-shared",
            "-fPIC",
            "-o",
            library.toString(),
            source.toString(),
            "-ldl",
            "-lpthread");
    try (var compiler = ChildProcess.start(command, folder.resolve(name + ".log"))) {
      int code = compiler.awaitExit(BUILD);
      if (code != 0) {
        throw new IllegalStateException("cc cannot build " + source + ":\n" + compiler.output());
      }
    }
    return library;
  }
}
