package io.taskbroker.proving.powercut;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One entry of a record; the head of {@code recorder.c} says what each kind means.
 *
 * @param inode of the file that it concerns; 0 for the folder
 * @param number an offset, a length or an entry, depending on the kind
 * @param thread name of the one that did it, at most 15 characters
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
record Entry(char kind, long inode, long number, String thread, byte[] data) {
  static final int HEADER_BYTES = 40;

  static final char CREATED = 'C';
  static final char WRITTEN = 'W';
  static final char CUT = 'T';
  static final char SYNC_BEGUN = 'B';
  static final char SYNC_ENDED = 'E';
  static final char RENAMED = 'R';
  static final char LINKED = 'L';
  static final char REMOVED = 'U';

  /** Bytes that it takes in the record. */
  int length() {
    return HEADER_BYTES + data.length;
  }

  /** The only name in its data, or the first of two. */
  String name() {
    return fileName(0, end());
  }

  /** The second name in its data. */
  String newName() {
    return fileName(end() + 1, data.length);
  }

  private int end() {
    for (int i = 0; i < data.length; i++) {
      if (data[i] == 0) {
        return i;
      }
    }
    return data.length;
  }

  private String fileName(int from, int to) {
    String path = new String(Arrays.copyOfRange(data, from, to), StandardCharsets.UTF_8);
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
