package io.taskbroker.adapters.protobuf;

import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.domain.rules.Wanted;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageUnpacker;

/**
 * Reads the arguments in one msgpack object: a map with {@code args} and {@code kwargs}, or an
 * array of both. All of them have to be sound, but only what is wanted is built: whoever makes a
 * record decides how much is in it. What follows the object is left alone.
 */
final class UnpackedArguments {
  /** Deeper than people nest, and far from the end of a thread's stack. */
  private static final int MAX_DEPTH = 256;

  /** A few compressed bytes can stand for so many values that they do not fit into memory. */
  private static final int MAX_VALUES = 1_000_000;

  /** Of a character of a Java text in UTF-8, at most. */
  private static final long MOST_BYTES_A_CHARACTER = 3;

  private static final int LONGEST_KEY = "kwargs".length();

  private final MessageUnpacker unpacker;
  private final PassingText texts;
  private final Wanted wanted;
  private final int longestName;
  private int depth;
  private int values;

  /** How many more values the argument in hand may be built of. */
  private int worthwhile;

  UnpackedArguments(MessageUnpacker unpacker, Wanted wanted) {
    this.unpacker = unpacker;
    this.texts = new PassingText(unpacker);
    this.wanted = wanted;
    this.longestName = wanted.names().stream().mapToInt(String::length).max().orElse(0);
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
    Map<Integer, Value> positional = Map.of();
    Map<String, Value> named = Map.of();
    for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
      String key = null;
      if (unpacker.getNextFormat().getValueType().isStringType()) {
        key = text(LONGEST_KEY);
      } else {
        unpacker.skipValue();
      }
      switch (key == null ? "" : key) {
        case "args" -> positional = positional();
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
    Map<Integer, Value> positional = positional();
    return new Arguments(positional, named());
  }

  private Map<Integer, Value> positional() throws IOException {
    Map<Integer, Value> positional = new HashMap<>();
    int count = unpacker.unpackArrayHeader();
    for (int i = 0; i < count; i++) {
      Value value = argument(wanted.positions().contains(i));
      if (value != null) {
        positional.put(i, value);
      }
    }
    return positional;
  }

  private Map<String, Value> named() throws IOException {
    Map<String, Value> named = new HashMap<>();
    for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
      String name = text(longestName);
      boolean isWanted = name != null && wanted.names().contains(name);
      Value value = argument(isWanted);
      if (name != null && value != null) {
        named.put(name, value);
      } else if (isWanted) {
        named.remove(name); // the last one of a name counts
      }
    }
    return named;
  }

  /** The next argument; null if nobody wants it, or if it is too large for anyone to want it. */
  private @Nullable Value argument(boolean isWanted) throws IOException {
    worthwhile = isWanted ? wanted.values() : 0;
    return value();
  }

  private @Nullable Value sequence() throws IOException {
    List<Value> elements = new ArrayList<>();
    boolean isWhole = true;
    for (int left = unpacker.unpackArrayHeader(); left > 0; left--) {
      Value element = value();
      isWhole &= element != null;
      if (element != null) {
        elements.add(element);
      }
    }
    return isWhole ? new Value.Sequence(elements) : null;
  }

  private @Nullable Value mapping() throws IOException {
    Map<Value, Value> entries = new HashMap<>();
    boolean isWhole = true;
    for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
      Value key = value();
      Value value = value();
      isWhole &= key != null && value != null;
      if (key != null && value != null) {
        entries.put(key, value);
      }
    }
    return isWhole ? new Value.Mapping(entries) : null;
  }

  /** Looks at the next value, and builds it if that is worthwhile; null if it is not. */
  private @Nullable Value value() throws IOException {
    if (++values > MAX_VALUES) {
      throw new IOException("too many values");
    }
    if (++depth > MAX_DEPTH) {
      throw new IOException("nested too deeply");
    }
    boolean isWorthwhile = worthwhile-- > 0;
    Value value =
        switch (unpacker.getNextFormat().getValueType()) {
          case NIL -> nothing();
          case BOOLEAN -> new Value.Bool(unpacker.unpackBoolean());
          case INTEGER -> whole();
          case FLOAT -> new Value.Real(unpacker.unpackDouble());
          case STRING -> textValue(isWorthwhile);
          case ARRAY -> sequence();
          case MAP -> mapping();
          case BINARY, EXTENSION -> throw new IOException("no rule can name such a value");
        };
    depth--;
    return isWorthwhile ? value : null;
  }

  private @Nullable Value textValue(boolean isWorthwhile) throws IOException {
    String text = text(isWorthwhile ? wanted.characters() : -1);
    return text == null ? null : new Value.Text(text);
  }

  /**
   * The next text.
   *
   * @param longest characters of those that are built; -1 to build none
   * @return null if it is longer; it is sound then, too
   */
  private @Nullable String text(int longest) throws IOException {
    int bytes = unpacker.unpackRawStringHeader();
    if (bytes > longest * MOST_BYTES_A_CHARACTER) {
      texts.pass(bytes);
      return null;
    }
    return texts.read(bytes);
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
