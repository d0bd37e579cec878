package io.taskbroker.workload.proxy;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The messages of Postgres' protocol, version 3, without TLS: a letter, the length, and the rest.
 * The first one of a client has no letter.
 */
public final class PostgresMessages {
  public static final Proxy.Protocol PROTOCOL =
      new Proxy.Protocol(Client::new, () -> PostgresMessages::next);

  private static final int LENGTH_BYTES = 4;

  private PostgresMessages() {}

  /** The letter of a message that is not a client's first one. */
  public static char letter(byte[] message) {
    return (char) message[0];
  }

  private static byte[] next(DataInputStream in) throws IOException {
    byte letter = in.readByte();
    int length = in.readInt();
    byte[] message = new byte[1 + length];
    ByteBuffer.wrap(message).put(letter).putInt(length);
    in.readFully(message, 1 + LENGTH_BYTES, length - LENGTH_BYTES);
    return message;
  }

  private static final class Client implements Framing {
    private boolean hasBegun;

    @Override
    public byte[] next(DataInputStream in) throws IOException {
      if (hasBegun) {
        return PostgresMessages.next(in);
      }
      hasBegun = true;
      int length = in.readInt();
      byte[] message = new byte[length];
      ByteBuffer.wrap(message).putInt(length);
      in.readFully(message, LENGTH_BYTES, length - LENGTH_BYTES);
      return message;
    }
  }
}
