package io.taskbroker.proving.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * Kills a program just before it does something with a file of one folder: writes, syncs, creates,
 * cuts, renames or removes it. A library that is preloaded into the program counts these.
 */
public final class CrashPoint {
  private static final String SOURCE = "/crash/crash-point.c";
  private static final int BYTES = 256;

  private final Path folder;
  private final Path library;
  private final Path file;

  private CrashPoint(Path folder, Path library, Path file) {
    this.folder = folder;
    this.library = library;
    this.file = file;
  }

  /**
   * @param folder exists
   * @param tools takes what this needs, beside the folder
   */
  public static CrashPoint of(Path folder, Path tools) {
    Path library = PreloadedLibrary.build(SOURCE, tools);
    try {
      var point =
          new CrashPoint(
              folder.toRealPath(), library, tools.resolve("crash-point").toAbsolutePath());
      point.put(ByteBuffer.allocate(BYTES));
      return point;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + folder, e);
    }
  }

  /** What makes a program end there. */
  public Preload preload() {
    return new Preload(
        library,
        Map.of("CRASH_POINT_FOLDER", folder.toString(), "CRASH_POINT_FILE", file.toString()));
  }

  /**
   * From now on so many operations are counted, and the last of them does not happen.
   *
   * @param number at least 1
   */
  public void arm(long number) {
    put(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(number).flip());
  }

  /** From now on nothing is counted. */
  public void disarm() {
    arm(0);
  }

  /** The operation that did not happen last, such as {@code sync inflight.sqlite-wal}. */
  public String operation() {
    byte[] operation = new byte[BYTES - Long.BYTES];
    get().get(Long.BYTES, operation);
    String text = new String(operation, StandardCharsets.UTF_8);
    return text.substring(0, text.indexOf('\0'));
  }

  private void put(ByteBuffer bytes) {
    try (var page = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      page.write(bytes, 0);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private ByteBuffer get() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.nativeOrder());
    try (var page = FileChannel.open(file, StandardOpenOption.READ)) {
      page.read(bytes, 0);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
