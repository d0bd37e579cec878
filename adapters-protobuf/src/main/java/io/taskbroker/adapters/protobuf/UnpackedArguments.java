package io.taskbroker.adapters.protobuf;

import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Value;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.msgpack.core.MessageUnpacker;

/**
 * Reads the arguments in one msgpack object: a map with {@code args} and {@code kwargs}, or an
 * array of both. What follows the object is left alone.
 */
final class UnpackedArguments {
  /** Deeper than people nest, and far from the end of a thread's stack. */
  private static final int MAX_DEPTH = 256;

  /** A few compressed bytes can stand for so many values that they do not fit into memory. */
  private static final int MAX_VALUES = 1_000_000;

  private final MessageUnpacker unpacker;
  private int depth;
  private int values;

  UnpackedArguments(MessageUnpacker unpacker) {
    this.unpacker = unpacker;
  }

  /**
   * @throws IOException if it is something else, or holds what no rule can name
   * @throws org.msgpack.core.MessagePackException if it is no msgpack
   */
  Arguments read() throws IOException {
    return switch (unpacker.getNextFormat().getValueType()) {
      case MAP -> ofMap();
      case ARRAY -> ofArray();
      default -> throw new IOException("parameters are a map or an array");
    };
  }

  private Arguments ofMap() throws IOException {
    List<Value> positional = List.of();
    Map<String, Value> named = Map.of();
    for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
      String key = "";
      if (unpacker.getNextFormat().getValueType().isStringType()) {
        key = unpacker.unpackString();
      } else {
        unpacker.skipValue();
      }
      switch (key) {
        case "args" -> positional = sequence();
        case "kwargs" -> named = named();
        default -> unpacker.skipValue();
      }
    }
    return new Arguments(positional, named);
  }

  private Arguments ofArray() throws IOException {
    if (unpacker.unpackArrayHeader() != 2) {
      throw new IOException("an array of parameters has two elements");
    }
    List<Value> positional = sequence();
    return new Arguments(positional, named());
  }

  private Map<String, Value> named() throws IOException {
    Map<String, Value> named = new HashMap<>();
    for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
      String name = unpacker.unpackString();
      named.put(name, value());
    }
    return named;
  }

  private List<Value> sequence() throws IOException {
    List<Value> elements = new ArrayList<>();
    for (int left = unpacker.unpackArrayHeader(); left > 0; left--) {
      elements.add(value());
    }
    return elements;
  }

  private Map<Value, Value> mapping() throws IOException {
    Map<Value, Value> entries = new HashMap<>();
    for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
      Value key = value();
      entries.put(key, value());
    }
    return entries;
  }

  private Value value() throws IOException {
    if (++values > MAX_VALUES) {
      throw new IOException("too many values");
    }
    if (++depth > MAX_DEPTH) {
      throw new IOException("nested too deeply");
    }
    Value value =
        switch (unpacker.getNextFormat().getValueType()) {
          case NIL -> nothing();
          case BOOLEAN -> new Value.Bool(unpacker.unpackBoolean());
          case INTEGER -> whole();
          case FLOAT -> new Value.Real(unpacker.unpackDouble());
          case STRING -> new Value.Text(unpacker.unpackString());
          case ARRAY -> new Value.Sequence(sequence());
          case MAP -> new Value.Mapping(mapping());
          case BINARY, EXTENSION -> throw new IOException("no rule can name such a value");
        };
    depth--;
    return value;
  }

  private Value nothing() throws IOException {
    unpacker.unpackNil();
    return new Value.Null();
  }

  private Value whole() throws IOException {
    return switch (unpacker.getNextFormat()) {
      case UINT64 -> new Value.Whole(unpacker.unpackBigInteger());
      default -> new Value.Whole(BigInteger.valueOf(unpacker.unpackLong()));
    };
  }
}
