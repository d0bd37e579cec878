package io.taskbroker.domain.rules;

import io.taskbroker.domain.Ordered;
import java.math.BigInteger;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** A value that a rule can name, and a task's argument can have. */
public sealed interface Value {
  /** Nothing at all. */
  record Null() implements Value {}

  record Bool(boolean value) implements Value {}

  /** A whole number; how it was encoded plays no role, but it never equals a {@link Real}. */
  record Whole(BigInteger value) implements Value {}

  record Real(double value) implements Value {}

  record Text(String value) implements Value {}

  record Sequence(List<Value> elements) implements Value {
    public Sequence {
      elements = List.copyOf(elements);
    }
  }

  /** The order of its entries plays no role. */
  record Mapping(Map<Value, Value> entries) implements Value {
    public Mapping {
      entries = Ordered.copyOf(entries);
    }
  }

  /** How many values it is made of, itself included. */
  default int size() {
    return switch (this) {
      case Sequence(List<Value> elements) -> 1 + elements.stream().mapToInt(Value::size).sum();
      case Mapping(Map<Value, Value> entries) ->
          1
              + entries.entrySet().stream()
                  .mapToInt(entry -> entry.getKey().size() + entry.getValue().size())
                  .sum();
      case Null _, Bool _, Whole _, Real _, Text _ -> 1;
    };
  }

  /** Characters of the longest text in it; 0 if there is none. */
  default int longestText() {
    return switch (this) {
      case Text(String value) -> value.length();
      case Sequence(List<Value> elements) -> longestText(elements);
      case Mapping(Map<Value, Value> entries) ->
          Math.max(longestText(entries.keySet()), longestText(entries.values()));
      case Null _, Bool _, Whole _, Real _ -> 0;
    };
  }

  private static int longestText(Collection<Value> values) {
    return values.stream().mapToInt(Value::longestText).max().orElse(0);
  }

  /** Whether both are the same; real numbers as IEEE compares them, but NaN is the same as NaN. */
  default boolean sameAs(Value other) {
    return switch (this) {
      case Real(double a) ->
          other instanceof Real(double b) && (a == b || (Double.isNaN(a) && Double.isNaN(b)));
      case Sequence(List<Value> ours) ->
          other instanceof Sequence(List<Value> theirs) && sameElements(ours, theirs);
      case Mapping(Map<Value, Value> ours) ->
          other instanceof Mapping(Map<Value, Value> theirs) && sameEntries(ours, theirs);
      case Null _, Bool _, Whole _, Text _ -> equals(other);
    };
  }

  private static boolean sameElements(List<Value> ours, List<Value> theirs) {
    if (ours.size() != theirs.size()) {
      return false;
    }
    for (int i = 0; i < ours.size(); i++) {
      if (!ours.get(i).sameAs(theirs.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameEntries(Map<Value, Value> ours, Map<Value, Value> theirs) {
    return ours.size() == theirs.size()
        && ours.entrySet().stream()
            .allMatch(
                entry -> {
                  Value their = theirs.get(entry.getKey());
                  return their != null && entry.getValue().sameAs(their);
                });
  }
}
