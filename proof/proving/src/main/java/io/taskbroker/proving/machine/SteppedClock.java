package io.taskbroker.proving.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A wall clock that one program alone sees, and that can be stepped while it runs. A library that
 * is preloaded into the program adds what a file says to each look at the clock; the monotonic
 * clock is left alone.
 */
public final class SteppedClock {
  private static final String SOURCE = "/clock/stepped-clock.c";

  private final Path library;
  private final Path step;

  private SteppedClock(Path library, Path step) {
    this.library = library;
    this.step = step;
  }

  /** Builds the library into a folder. */
  public static SteppedClock build(Path folder) {
    Path library = PreloadedLibrary.build(SOURCE, folder);
    var clock = new SteppedClock(library, folder.resolve("step").toAbsolutePath());
    clock.step(Duration.ZERO);
    return clock;
  }

  /** Words before a command, so that it runs with this clock. */
  public List<String> wrapper() {
    return Preload.wrapper(preload());
  }

  /** What makes a program see this clock. */
  public Preload preload() {
    return new Preload(library, Map.of("STEPPED_CLOCK_FILE", step.toString()));
  }

  /** How far the clock is ahead of the machine's from now on. */
  public void step(Duration ahead) {
    try (var file = FileChannel.open(step, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer seconds = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
      file.write(seconds.putLong(ahead.toSeconds()).flip(), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + step, e);
    }
  }
}
