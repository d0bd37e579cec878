package io.taskbroker.proving.powercut;

import io.taskbroker.proving.machine.PreloadedLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A library, built here, that records what the process into which it is loaded does to its store.
 * The head of {@code recorder.c} describes the record.
 */
public final class Recorder {
  private final Path library;

  private Recorder(Path library) {
    this.library = library;
  }

  /**
   * @param folder takes the library and its source
   * @return empty if this machine has no C compiler, or another system than Linux
   */
  public static Optional<Recorder> build(Path folder) {
    return PreloadedLibrary.isPossible()
        ? Optional.of(new Recorder(PreloadedLibrary.build("/powercut/recorder.c", folder)))
        : Optional.empty();
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
