package io.taskbroker.proving.powercut;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.random.RandomGenerator;

/** One file as a disk has it: what is synced, and what was done since in order. */
final class DiskFile {
  /** What a disk writes whole or not at all. */
  private static final int[] SECTORS = {512, 4_096};

  private byte[] synced = new byte[0];
  private int length;
  private final Deque<Change> unsynced = new ArrayDeque<>();

  /** Something done to the file, by the number of its entry. */
  private sealed interface Change {
    long entry();

    record Write(long entry, long offset, byte[] data) implements Change {}

    record Cut(long entry, long length) implements Change {}
  }

  void write(long entry, long offset, byte[] data) {
    unsynced.add(new Change.Write(entry, offset, data));
  }

  void cut(long entry, long to) {
    unsynced.add(new Change.Cut(entry, to));
  }

  /** A sync has succeeded that had begun with this entry; what was done before it will last. */
  void syncedFrom(long begin) {
    while (!unsynced.isEmpty() && unsynced.getFirst().entry() < begin) {
      switch (unsynced.removeFirst()) {
        case Change.Write(_, long offset, byte[] data) -> {
          int end = Math.toIntExact(offset + data.length);
          resize(Math.max(length, end));
          System.arraycopy(data, 0, synced, Math.toIntExact(offset), data.length);
        }
        case Change.Cut(_, long to) -> resize(Math.toIntExact(to));
      }
    }
  }

  private void resize(int to) {
    if (to > synced.length) {
      synced = Arrays.copyOf(synced, Math.max(to, 2 * synced.length));
    }
    if (to < length) {
      Arrays.fill(synced, to, length, (byte) 0);
    }
    length = to;
  }

  /**
   * Writes what a power cut leaves: all that is synced, and of the rest each change with a chance,
   * some of them torn.
   *
   * @param chance of each change to survive, 0 to 1
   */
  void leave(FileChannel file, RandomGenerator random, double chance) throws IOException {
    writeAll(file, 0, synced, 0, length);
    for (Change change : unsynced) {
      boolean survives = random.nextDouble() < chance;
      boolean torn = chance > 0 && chance < 1 && random.nextInt(4) == 0;
      switch (change) {
        case Change.Cut(_, long to) when survives -> setLength(file, to);
        case Change.Cut _ -> {}
        case Change.Write(_, long offset, byte[] data) when torn ->
            tear(file, random, offset, data);
        case Change.Write(_, long offset, byte[] data) when survives ->
            writeAll(file, offset, data, 0, data.length);
        case Change.Write _ -> {}
      }
    }
  }

  /** Of a torn write each sector survives or not. */
  private static void tear(FileChannel file, RandomGenerator random, long offset, byte[] data)
      throws IOException {
    int sector = SECTORS[random.nextInt(SECTORS.length)];
    int from = 0;
    while (from < data.length) {
      int toBorder = (int) (sector - (offset + from) % sector);
      int to = Math.min(data.length, from + toBorder);
      if (random.nextBoolean()) {
        writeAll(file, offset + from, data, from, to - from);
      }
      from = to;
    }
  }

  private static void setLength(FileChannel file, long to) throws IOException {
    if (to <= file.size()) {
      file.truncate(to);
    } else {
      writeAll(file, to - 1, new byte[1], 0, 1);
    }
  }

  private static void writeAll(FileChannel file, long offset, byte[] data, int from, int count)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(data, from, count);
    long at = offset;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
  }
}
