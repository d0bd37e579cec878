package io.taskbroker.proving.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * A folder that turns read-only, full or slow, for one program alone, while that program has files
 * in it open: as a file system does after an error. No mount can be told to do so, so a library
 * that is preloaded into the program refuses or delays what it would change there.
 */
public final class BrittleDisk {
  private static final String SOURCE = "/disk/brittle-disk.c";

  private final Path folder;
  private final Path library;
  private final Path flag;

  private BrittleDisk(Path folder, Path library, Path flag) {
    this.folder = folder;
    this.library = library;
    this.flag = flag;
  }

  /**
   * @param folder exists; may be written to at first
   * @param tools takes what this needs, beside the folder
   */
  public static BrittleDisk of(Path folder, Path tools) {
    Path library = PreloadedLibrary.build(SOURCE, tools);
    try {
      var disk =
          new BrittleDisk(
              folder.toRealPath(), library, Files.createDirectories(tools).resolve("disk-state"));
      disk.mend();
      return disk;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + folder, e);
    }
  }

  public Path folder() {
    return folder;
  }

  /** Words before a command, so that it runs with this disk. */
  public List<String> wrapper() {
    return Preload.wrapper(preload());
  }

  /** What makes a program see this disk. */
  public Preload preload() {
    return new Preload(
        library,
        Map.of(
            "BRITTLE_DISK_FOLDER", folder.toString(),
            "BRITTLE_DISK_FILE", flag.toAbsolutePath().toString()));
  }

  /** From now on nothing in it can be changed. */
  public void turnReadOnly() {
    be((byte) 1);
  }

  /** From now on no file in it can grow, and none be created. */
  public void fill() {
    be((byte) 2);
  }

  /** From now on each write takes 2 ms longer, and each sync 300 ms. */
  public void slowDown() {
    be((byte) 3);
  }

  /** From now on it can be written to again. */
  public void mend() {
    be((byte) 0);
  }

  private void be(byte value) {
    try (var file = FileChannel.open(flag, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {value}), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + flag, e);
    }
  }
}
