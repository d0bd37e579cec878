package io.taskbroker.adapters.protobuf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import org.msgpack.core.MessageUnpacker;

/**
 * The UTF-8 of texts as an unpacker comes to it. A few compressed bytes may make a very long one.
 */
final class PassingText {
  private static final int PIECE_BYTES = 4 * 1024;

  private final MessageUnpacker unpacker;
  private final CharsetDecoder strict =
      UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
  private final CharBuffer characters = CharBuffer.allocate(PIECE_BYTES);

  PassingText(MessageUnpacker unpacker) {
    this.unpacker = unpacker;
  }

  /**
   * The next bytes as a text.
   *
   * @throws IOException if they are no UTF-8, or there are fewer
   */
  String read(int bytes) throws IOException {
    return strict.decode(ByteBuffer.wrap(unpacker.readPayload(bytes))).toString();
  }

  /**
   * Goes past the next bytes, whatever their number.
   *
   * @throws IOException if they are no UTF-8, or there are fewer
   */
  void pass(int bytes) throws IOException {
    strict.reset();
    piece.clear();
    int left = bytes;
    while (left > 0) {
      int some = Math.min(left, piece.remaining());
      unpacker.readPayload(piece.array(), piece.position(), some);
      piece.position(piece.position() + some);
      left -= some;
      look(left == 0);
    }
  }

  /** What a piece ends with in the middle of a character is kept for the next one. */
  private void look(boolean isLast) throws IOException {
    piece.flip();
    characters.clear();
    CoderResult result = strict.decode(piece, characters, isLast);
    if (result.isError()) {
      result.throwException();
    }
    piece.compact();
  }
}
