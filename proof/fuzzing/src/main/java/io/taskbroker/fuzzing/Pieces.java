package io.taskbroker.fuzzing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Takes an input apart: each piece is two bytes that say its length, and that many bytes. */
final class Pieces {
  private final ByteBuffer input;

  Pieces(byte[] input) {
    this.input = ByteBuffer.wrap(input);
  }

  boolean hasMore() {
    return input.hasRemaining();
  }

  /** The next byte, from 0 to 255; 0 behind the end. */
  int number() {
    return input.hasRemaining() ? Byte.toUnsignedInt(input.get()) : 0;
  }

  /** The next piece; as much as there is of it at the end. */
  byte[] piece() {
    int length = number() << Byte.SIZE | number();
    byte[] piece = new byte[Math.min(length, input.remaining())];
    input.get(piece);
    return piece;
  }

  String text() {
    return new String(piece(), StandardCharsets.UTF_8);
  }

  byte[] rest() {
    byte[] rest = new byte[input.remaining()];
    input.get(rest);
    return rest;
  }

  /** An input that is taken apart into these. */
  static byte[] joined(int first, byte[]... pieces) {
    var bytes = new ByteArrayOutputStream();
    bytes.write(first);
    Arrays.stream(pieces)
        .forEach(
            piece -> {
              bytes.write(piece.length >> Byte.SIZE);
              bytes.write(piece.length);
              bytes.writeBytes(piece);
            });
    return bytes.toByteArray();
  }
}
