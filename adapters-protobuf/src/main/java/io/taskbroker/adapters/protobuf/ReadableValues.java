package io.taskbroker.adapters.protobuf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.ExtensionTypeHeader;
import org.msgpack.core.MessageUnpacker;

/**
 * Reads one msgpack value as lists, maps and simple values. A few bytes can claim that billions of
 * values follow, so nothing is made before it is read.
 */
final class ReadableValues {
  /** Deeper than people read. */
  private static final int MAX_DEPTH = 64;

  private static final int MAX_VALUES = 50_000;

  private final MessageUnpacker unpacker;
  private int depth;
  private int values;

  ReadableValues(MessageUnpacker unpacker) {
    this.unpacker = unpacker;
  }

  /**
   * @throws IOException if there is too much, or it ends too early
   * @throws org.msgpack.core.MessagePackException if it is no msgpack
   */
  @Nullable Object read() throws IOException {
    if (++values > MAX_VALUES) {
      throw new IOException("there are more than %d values".formatted(MAX_VALUES));
    }
    if (++depth > MAX_DEPTH) {
      throw new IOException("they are nested more than %d deep".formatted(MAX_DEPTH));
    }
    Object value =
        switch (unpacker.getNextFormat().getValueType()) {
          case NIL -> nothing();
          case BOOLEAN -> unpacker.unpackBoolean();
          case INTEGER -> unpacker.unpackBigInteger();
          case FLOAT -> unpacker.unpackDouble();
          case STRING -> unpacker.unpackString();
          case BINARY -> bytes(unpacker.unpackBinaryHeader());
          case EXTENSION -> extension();
          case ARRAY -> list();
          case MAP -> map();
        };
    depth--;
    return value;
  }

  private @Nullable Object nothing() throws IOException {
    unpacker.unpackNil();
    return null;
  }

  private byte[] bytes(int length) throws IOException {
    if (length > ReadableActivations.MOST_BYTES) {
      throw new IOException("a value of %d bytes".formatted(length));
    }
    return unpacker.readPayload(length);
  }

  private byte[] extension() throws IOException {
    ExtensionTypeHeader header = unpacker.unpackExtensionTypeHeader();
    return bytes(header.getLength());
  }

  private List<@Nullable Object> list() throws IOException {
    List<@Nullable Object> list = new ArrayList<>();
    for (int left = unpacker.unpackArrayHeader(); left > 0; left--) {
      list.add(read());
    }
    return list;
  }

  private Map<String, @Nullable Object> map() throws IOException {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
      String key = String.valueOf(read());
      map.put(key, read());
    }
    return map;
  }
}
