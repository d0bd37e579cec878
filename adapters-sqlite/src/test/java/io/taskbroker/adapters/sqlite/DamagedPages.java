package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Damages pages of a store that nobody has open, as a bad disk does. */
final class DamagedPages {
  /** So many bytes from the beginning of a page on: its header and the places of its rows. */
  private static final int BYTES = 40;

  private DamagedPages() {}

  /** Damages the first page that holds {@code text}. */
  static void withText(Path file, String text) throws IOException {
    withBytes(file, text.getBytes(StandardCharsets.UTF_8));
  }

  static void withBytes(Path file, byte[] wanted) throws IOException {
    byte[] all = Files.readAllBytes(file);
    for (int at = 0; at + wanted.length <= all.length; at++) {
      if (Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
        damage(file, at / Schema.PAGE_BYTES);
        return;
      }
    }
    throw new IllegalArgumentException("no page of " + file + " holds that");
  }

  private static void damage(Path file, long page) throws IOException {
    byte[] nonsense = new byte[BYTES];
    Arrays.fill(nonsense, (byte) 0xEE);
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(page * Schema.PAGE_BYTES);
      raw.write(nonsense);
    }
  }
}
