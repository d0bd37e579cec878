package io.taskbroker.adapters.protobuf;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Fails as soon as a stream gives more bytes than it may. */
final class BoundedInput extends FilterInputStream {
  private long left;

  BoundedInput(InputStream in, long maxBytes) {
    super(in);
    this.left = maxBytes;
  }

  @Override
  public int read() throws IOException {
    int read = super.read();
    if (read >= 0) {
      take(1);
    }
    return read;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    int read = super.read(into, from, length);
    if (read > 0) {
      take(read);
    }
    return read;
  }

  @Override
  public long skip(long bytes) throws IOException {
    long skipped = super.skip(bytes);
    take(skipped);
    return skipped;
  }

  private void take(long bytes) throws IOException {
    left -= bytes;
    if (left < 0) {
      throw new IOException("more bytes than allowed");
    }
  }
}
