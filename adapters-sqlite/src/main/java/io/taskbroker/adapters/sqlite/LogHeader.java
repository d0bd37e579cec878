package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The first 32 bytes of a write-ahead log, see <https://sqlite.org/fileformat2.html#walformat>.
 *
 * <p>They are one write into one sector. So a power cut leaves all of them or none, and where it
 * leaves none, nothing that follows them was ever synced.
 */
final class LogHeader {
  static final int BYTES = 32;
  private static final int MAGIC_AT = 0;
  private static final int VERSION_AT = 4;
  private static final int PAGE_SIZE_AT = 8;
  private static final int CHECKSUM_AT = 24;

  /** The last bit says in which order of bytes the checksums are computed. */
  private static final int MAGIC = 0x377f0682;

  private static final int VERSION = 3_007_000;

  private LogHeader() {}

  /**
   * What is wrong with the log, as the rest of a sentence about it; null if it can be read, holds
   * nothing, or is not there.
   *
   * @param pageBytes of the database that it lies beside
   */
  static @Nullable String defectOf(Path log, int pageBytes) throws IOException {
    if (!Files.exists(log)) {
      return null;
    }
    if (!Files.isRegularFile(log)) {
      return "is not a file";
    }
    ByteBuffer header = read(log);
    if (header.remaining() < BYTES || isBlank(header)) {
      return null;
    }
    if (!isSound(header)) {
      return "is damaged, or no log of SQLite";
    }
    return header.getInt(PAGE_SIZE_AT) == pageBytes ? null : "is that of another database";
  }

  private static ByteBuffer read(Path log) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(BYTES);
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      int read = 0;
      while (read >= 0 && header.hasRemaining()) {
        read = channel.read(header);
      }
    }
    return header.flip();
  }

  private static boolean isBlank(ByteBuffer header) {
    for (int i = 0; i < BYTES; i++) {
      if (header.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSound(ByteBuffer header) {
    int magic = header.getInt(MAGIC_AT);
    if ((magic & ~1) != MAGIC || header.getInt(VERSION_AT) != VERSION) {
      return false;
    }
    ByteBuffer summed =
        header.duplicate().order((magic & 1) == 1 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    int first = 0;
    int second = 0;
    for (int i = 0; i < CHECKSUM_AT; i += 2 * Integer.BYTES) {
      first += summed.getInt(i) + second;
      second += summed.getInt(i + Integer.BYTES) + first;
    }
    return first == header.getInt(CHECKSUM_AT)
        && second == header.getInt(CHECKSUM_AT + Integer.BYTES);
  }
}
