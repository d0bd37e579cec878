package io.taskbroker.adapters.http.admin;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** JSON, as maps, lists and simple values. */
final class Json {
  private static final JSON JSON_TEXT =
      JSON.builder().enable(JSON.Feature.FAIL_ON_DUPLICATE_MAP_KEYS).build();

  private Json() {}

  /** An object with these members in this order; without those whose value is null. */
  static Map<String, Object> object(@Nullable Object... namesAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      Object value = namesAndValues[i + 1];
      if (value != null) {
        object.put(String.valueOf(namesAndValues[i]), value);
      }
    }
    return object;
  }

  static byte[] write(Object value) {
    try {
      return JSON_TEXT.asBytes(value);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does no I/O", e);
    }
  }

  /** Whatever the text is; empty if it is no JSON, or only {@code null}. */
  static Optional<Object> readAny(String text) {
    try {
      return Optional.ofNullable(JSON_TEXT.anyFrom(text));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  static Map<String, Object> readObject(byte[] text) {
    try {
      @Nullable Map<String, Object> object = JSON_TEXT.mapFrom(text);
      if (object != null) { // it is, for the text 'null'
        return object;
      }
    } catch (IOException e) {
      throw new Refusal(
          HttpStatus.BAD_REQUEST_400, "The body is not a JSON object: " + e.getMessage());
    }
    throw new Refusal(HttpStatus.BAD_REQUEST_400, "The body is not a JSON object, but null");
  }
}
