package io.taskbroker.bootstrap;

import io.taskbroker.adapters.sqlite.NetworkFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a rehearsal has the room that it takes, so that the real broker lacks nothing because of
 * it.
 *
 * @param folder for its files
 * @param heapLeft bytes that the heap may still take up
 */
record RehearsalRoom(Path folder, LongSupplier heapLeft) {
  /** Its store would speak of a full disk, which is not the real store's. */
  private static final long LEAST_DISK = 256L << 20;

  /** It takes 25 MB; without them the process would end. */
  private static final long LEAST_HEAP = 64L << 20;

  /** As this process has it. */
  static RehearsalRoom in(Path folder) {
    return new RehearsalRoom(folder, RehearsalRoom::heapLeftHere);
  }

  private static long heapLeftHere() {
    Runtime here = Runtime.getRuntime();
    return here.maxMemory() - (here.totalMemory() - here.freeMemory());
  }

  /**
   * What it lacks, for people; null if it may begin.
   *
   * @throws IOException if the file system does not say
   */
  @Nullable String lacks() throws IOException {
    if (heapLeft.getAsLong() < LEAST_HEAP) {
      return "the heap has less than " + (LEAST_HEAP >> 20) + " MB left";
    }
    if (Files.getFileStore(folder).getUsableSpace() < LEAST_DISK) {
      return folder + " has less than " + (LEAST_DISK >> 20) + " MB left";
    }
    return NetworkFileSystem.holds(folder) ? folder + " is on another machine" : null;
  }
}
