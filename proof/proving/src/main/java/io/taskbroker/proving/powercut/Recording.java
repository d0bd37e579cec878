package io.taskbroker.proving.powercut;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Reads a record from its beginning; what a process was just about to write is left out. */
final class Recording implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int THREAD_BYTES = 16;

  private final Path file;
  private final DataInputStream input;
  private long left;

  Recording(Path file) {
    this.file = file;
    try {
      this.left = Files.size(file);
      this.input =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Where each entry of a record ends, in bytes from its beginning. */
  static long[] ends(Path file) {
    LongStream.Builder ends = LongStream.builder();
    long end = 0;
    try (var recording = new Recording(file)) {
      for (Entry entry = recording.next(); entry != null; entry = recording.next()) {
        end += entry.length();
        ends.add(end);
      }
    }
    return ends.build().toArray();
  }

  /** The next entry; null after the last. */
  @Nullable Entry next() {
    if (left < Entry.HEADER_BYTES) {
      return null;
    }
    try {
      ByteBuffer header =
          ByteBuffer.wrap(input.readNBytes(Entry.HEADER_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
      char kind = (char) header.get(0);
      int length = header.getInt(4);
      left -= Entry.HEADER_BYTES + (long) length;
      if (left < 0) {
        return null;
      }
      return new Entry(
          kind, header.getLong(8), header.getLong(16), thread(header), input.readNBytes(length));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static String thread(ByteBuffer header) {
    byte[] name = new byte[THREAD_BYTES];
    header.get(24, name);
    return new String(name, StandardCharsets.UTF_8).replace("\0", "");
  }

  @Override
  public void close() {
    try {
      input.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + file, e);
    }
  }
}
