package io.taskbroker.adapters.kafka.unpack;

import java.io.IOException;
import java.io.InputStream;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.utils.internals.ByteUtils;

/** The bytes of one record in the stream of its batch; nothing behind its end can be read. */
final class Body extends InputStream {
  private final InputStream batch;
  private int left;

  Body(InputStream batch, int bytes) {
    this.batch = batch;
    this.left = bytes;
  }

  /** The number that tells how long the next record is; it stands before it. */
  static int readLength(InputStream batch) throws IOException {
    int bytes = ByteUtils.readVarint(batch);
    if (bytes < 0) {
      throw new InvalidRecordException("a record of " + bytes + " bytes");
    }
    return bytes;
  }

  int left() {
    return left;
  }

  @Override
  public int read() throws IOException {
    int next = left == 0 ? -1 : batch.read();
    if (next < 0) {
      throw cutShort();
    }
    left--;
    return next;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int taken = batch.readNBytes(into, offset, wanted(length));
    left -= taken;
    if (taken < length) {
      throw cutShort();
    }
    return taken;
  }

  int readInt() throws IOException {
    return ByteUtils.readVarint(this);
  }

  long readLong() throws IOException {
    return ByteUtils.readVarlong(this);
  }

  /**
   * @param length must be no more than what is {@link #left}: memory is taken for it
   */
  byte[] readBytes(int length) throws IOException {
    byte[] bytes = new byte[wanted(length)];
    int _ = read(bytes, 0, length);
    return bytes;
  }

  void pass(int length) throws IOException {
    batch.skipNBytes(wanted(length));
    left -= length;
  }

  /** Goes to the record's end. */
  void passRest() throws IOException {
    pass(left);
  }

  private int wanted(int length) {
    if (length < 0 || length > left) {
      throw cutShort();
    }
    return length;
  }

  private InvalidRecordException cutShort() {
    return new InvalidRecordException(
        "a record ends in the middle, " + left + " bytes before its end");
  }
}
