package io.taskbroker.proving.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A folder that turns read-only, for one program alone, while that program has files in it open: as
 * a file system does after an error. No mount can be told to do so, so a library that is preloaded
 * into the program refuses what it would change there.
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
              folder.toRealPath(), library, Files.createDirectories(tools).resolve("read-only"));
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
    return List.of(
        "env",
        "LD_PRELOAD=" + library,
        "BRITTLE_DISK_FOLDER=" + folder,
        "BRITTLE_DISK_FILE=" + flag.toAbsolutePath());
  }

  /** From now on nothing in it can be changed. */
  public void turnReadOnly() {
    write((byte) 1);
  }

  /** From now on it can be written to again. */
  public void mend() {
    write((byte) 0);
  }

  private void write(byte value) {
    try (var file = FileChannel.open(flag, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {value}), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + flag, e);
    }
  }
}
