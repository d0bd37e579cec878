package io.taskbroker.adapters.kafka.unpack;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Says of a record that its value was not read, since it is larger than what may be read.
 *
 * <p>It travels as a header because nothing else of a record passes the client. Known by its type,
 * which no producer can write.
 *
 * @param bytes size of the value
 */
public record Withheld(int bytes) implements Header {
  @Override
  public String key() {
    return "";
  }

  @Override
  public byte[] value() {
    return new byte[0];
  }

  /** Size of the value that was not read; 0 if it was read, or if there is none. */
  public static int bytes(Headers headers) {
    for (Header header : headers) {
      if (header instanceof Withheld(int bytes)) {
        return bytes;
      }
    }
    return 0;
  }
}
