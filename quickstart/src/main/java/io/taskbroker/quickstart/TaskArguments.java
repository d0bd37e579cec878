package io.taskbroker.quickstart;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePacker;

/** Arguments of a task: from what people write to what travels, and from that to what they read. */
final class TaskArguments {
  private TaskArguments() {}

  /**
   * As clients send them: msgpack of {@code {"args": […], "kwargs": {…}}}.
   *
   * @param text a JSON list of arguments, or a JSON object of named ones
   * @throws IllegalArgumentException if it is neither
   */
  static byte[] packed(String text) {
    Object given;
    try {
      given = JSON.std.anyFrom(text);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "'%s' is no JSON. Write a list, such as '[7, \"a@b.c\"]', or an object: '{\"org\": 7}'"
              .formatted(text),
          e);
    }
    return switch (given) {
      case List<?> list -> packed(list, Map.of());
      case Map<?, ?> named -> packed(List.of(), named);
      case null, default ->
          throw new IllegalArgumentException(
              "'%s' is neither a list nor an object. Put it into brackets: '[%s]'"
                  .formatted(text, text));
    };
  }

  private static byte[] packed(List<?> list, Map<?, ?> named) {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(2);
      packer.packString("args");
      pack(list, packer);
      packer.packString("kwargs");
      pack(named, packer);
      return packer.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does no I/O", e);
    }
  }

  private static void pack(@Nullable Object value, MessagePacker packer) throws IOException {
    switch (value) {
      case null -> packer.packNil();
      case Boolean flag -> packer.packBoolean(flag);
      case Integer number -> packer.packInt(number);
      case Long number -> packer.packLong(number);
      case BigInteger number -> packer.packBigInteger(number);
      case Number fraction -> packer.packDouble(fraction.doubleValue());
      case List<?> list -> {
        packer.packArrayHeader(list.size());
        for (Object element : list) {
          pack(element, packer);
        }
      }
      case Map<?, ?> map -> {
        packer.packMapHeader(map.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          pack(entry.getKey(), packer);
          pack(entry.getValue(), packer);
        }
      }
      default -> packer.packString(String.valueOf(value));
    }
  }

  /**
   * As a call is written: {@code 7, "a@b.c", org=7}.
   *
   * @param arguments with {@code args} and {@code kwargs}, as clients send them; anything else is
   *     written as it is
   */
  static String readable(@Nullable Object arguments) {
    if (arguments instanceof Map<?, ?> both
        && both.get("args") instanceof List<?> list
        && both.get("kwargs") instanceof Map<?, ?> named) {
      return Stream.concat(
              list.stream().map(TaskArguments::json),
              named.entrySet().stream().map(one -> one.getKey() + "=" + json(one.getValue())))
          .collect(Collectors.joining(", "));
    }
    return json(arguments);
  }

  private static String json(@Nullable Object value) {
    try {
      return JSON.std.asString(value);
    } catch (IOException _) {
      return String.valueOf(value);
    }
  }
}
