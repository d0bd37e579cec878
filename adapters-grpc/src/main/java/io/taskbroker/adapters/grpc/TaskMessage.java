package io.taskbroker.adapters.grpc;

import com.google.protobuf.CodedOutputStream;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.taskbroker.proto.v1.GetTaskResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/**
 * A message whose only field is an activation, around a payload as it is stored.
 *
 * <p>An embedded message is encoded as its tag, its length and its bytes, so the payload need be
 * neither decoded nor copied. All messages that carry an activation have it as field 1.
 */
final class TaskMessage extends InputStream implements Drainable, KnownLength {
  private static final int DELIMITED = 2;

  private final byte[] head;
  private final byte[] payload;
  private int position;

  TaskMessage(byte[] payload) {
    this.head = headOf(payload.length);
    this.payload = payload;
  }

  private static byte[] headOf(int length) {
    var head = new ByteArrayOutputStream(6);
    var out = CodedOutputStream.newInstance(head, 6);
    try {
      out.writeTag(GetTaskResponse.TASK_FIELD_NUMBER, DELIMITED);
      out.writeUInt32NoTag(length);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does no I/O", e);
    }
    return head.toByteArray();
  }

  /** All of its bytes, whatever has been read of them; nobody may write to them. */
  List<byte[]> parts() {
    return List.of(head, payload);
  }

  @Override
  public int available() {
    return head.length + payload.length - position;
  }

  @Override
  public int drainTo(OutputStream target) throws IOException {
    int drained = available();
    if (position < head.length) {
      target.write(head, position, head.length - position);
      target.write(payload);
    } else {
      target.write(payload, position - head.length, drained);
    }
    position += drained;
    return drained;
  }

  @Override
  public int read() {
    if (available() == 0) {
      return -1;
    }
    int at = position++;
    return (at < head.length ? head[at] : payload[at - head.length]) & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (available() == 0) {
      return -1;
    }
    boolean inHead = position < head.length;
    byte[] source = inHead ? head : payload;
    int from = inHead ? position : position - head.length;
    int read = Math.min(length, source.length - from);
    System.arraycopy(source, from, target, offset, read);
    position += read;
    return read;
  }
}
