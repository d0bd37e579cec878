package io.taskbroker.adapters.http.admin;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * What a call says, by name: its query, or the members of its body. Whatever is not asked for by
 * {@link #end} was not understood, and refuses the call: a filter with a misspelt name would
 * otherwise apply to everything.
 */
final class Fields {
  private static final int LONGEST_TEXT = 2_000;

  private final String where;
  private final Map<String, Object> values;
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * @param where what people call the place, such as {@code the query}
   */
  Fields(String where, Map<String, ? extends @Nullable Object> values) {
    this.where = where;
    this.values = withoutNulls(values);
  }

  private Map<String, Object> withoutNulls(Map<String, ? extends @Nullable Object> given) {
    Map<String, Object> present = new LinkedHashMap<>();
    given.forEach(
        (name, value) -> {
          if (value == null) {
            throw wrong(name, "is null; leave it out");
          }
          present.put(name, value);
        });
    return present;
  }

  /** All that was said, also what nobody asks for. */
  Map<String, Object> all() {
    return values;
  }

  /** Other words at the same place. */
  Fields in(Map<String, Object> other) {
    return new Fields(where, other);
  }

  @Nullable String text(String name) {
    return text(name, LONGEST_TEXT);
  }

  private @Nullable String text(String name, int longest) {
    Object value = value(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof String text) || text.length() > longest) {
      throw wrong(name, "must be a text of at most %d characters".formatted(longest));
    }
    return text;
  }

  String needed(String name) {
    return neededText(name, LONGEST_TEXT);
  }

  String neededText(String name, int longest) {
    String text = text(name, longest);
    if (text == null) {
      throw wrong(name, "is missing");
    }
    return text;
  }

  long number(String name, long otherwise, long least, long most) {
    Object value = value(name);
    if (value == null) {
      return otherwise;
    }
    try {
      BigInteger number = new BigInteger(String.valueOf(value));
      if (number.compareTo(BigInteger.valueOf(least)) >= 0
          && number.compareTo(BigInteger.valueOf(most)) <= 0) {
        return number.longValue();
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw wrong(name, "must be a whole number from %d to %d".formatted(least, most));
  }

  boolean flag(String name, boolean otherwise) {
    Object value = value(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(name, "must be true or false");
  }

  /** The members of an object; null if there is none. */
  @Nullable Fields object(String name) {
    Object value = value(name);
    if (value == null) {
      return null;
    }
    if (value instanceof Map<?, ?> members) {
      @SuppressWarnings("unchecked") // the reader of JSON makes no other maps
      Map<String, ?> byName = (Map<String, ?>) members;
      return new Fields(name, byName);
    }
    throw wrong(name, "must be an object");
  }

  /** The texts of a list; empty if there is none. */
  List<String> texts(String name, int most) {
    Object value = value(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list
        && list.size() <= most
        && list.stream()
            .allMatch(one -> one instanceof String text && text.length() <= LONGEST_TEXT)) {
      return list.stream().map(String::valueOf).toList();
    }
    throw wrong(name, "must be a list of at most %d texts".formatted(most));
  }

  boolean has(String name) {
    return value(name) != null;
  }

  private @Nullable Object value(String name) {
    known.add(name);
    return values.get(name);
  }

  /** Refuses what was not asked for. */
  void end() {
    for (String name : values.keySet()) {
      if (!known.contains(name)) {
        throw wrong(
            name,
            known.isEmpty()
                ? "is not known; there is nothing to say here"
                : "is not known; there are " + String.join(", ", known));
      }
    }
  }

  Refusal wrong(String name, String what) {
    return new Refusal(HttpStatus.BAD_REQUEST_400, "'%s' in %s %s".formatted(name, where, what));
  }
}
