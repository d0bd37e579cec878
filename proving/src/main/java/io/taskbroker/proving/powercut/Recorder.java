package io.taskbroker.proving.powercut;

import io.taskbroker.proving.process.ChildProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A library, built here, that records what the process into which it is loaded does to its store.
 * The head of {@code recorder.c} describes the record.
 */
public final class Recorder {
  private static final Duration BUILD = Duration.ofMinutes(1);

  private final Path library;

  private Recorder(Path library) {
    this.library = library;
  }

  /**
   * @param folder takes the library and its source
   * @return empty if this machine has no C compiler, or another system than Linux
   */
  public static Optional<Recorder> build(Path folder) {
    if (!System.getProperty("os.name").equals("Linux") || !isOnPath("cc")) {
      return Optional.empty();
    }
    Path source = folder.resolve("recorder.c");
    Path library = folder.resolve("recorder.so").toAbsolutePath();
    try (InputStream text = Recorder.class.getResourceAsStream("/powercut/recorder.c")) {
      Files.write(source, Objects.requireNonNull(text, "recorder.c").readAllBytes());
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
    try (var compiler = ChildProcess.start(command, folder.resolve("cc.log"))) {
      int code = compiler.awaitExit(BUILD);
      if (code != 0) {
        throw new IllegalStateException("cc cannot build the recorder:\n" + compiler.output());
      }
    }
    return Optional.of(new Recorder(library));
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /**
   * The words before a command by which its process is recorded.
   *
   * @param folder of the store; exists
   * @param store name of the database in it, which does not exist yet
   * @param record appended to, complete up to each moment
   */
  public List<String> wrapper(Path folder, String store, Path record) {
    try {
      Path real = folder.toRealPath().resolve(store);
      return List.of(
          "env",
          "LD_PRELOAD=" + library,
          "RECORDED_STORE=" + real,
          "RECORD_FILE=" + record.toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot find " + folder, e);
    }
  }
}
