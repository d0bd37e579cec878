package io.taskbroker.settings.reading;

import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value as it was written, with the place where it was. */
public sealed interface Node {
  Origin origin();

  /** What kind of value it is, with article, for an error text. */
  String kind();

  record Null(Origin origin) implements Node {
    @Override
    public String kind() {
      return "empty";
    }
  }

  record Text(String value, Origin origin) implements Node {
    @Override
    public String kind() {
      return "a text";
    }
  }

  record Flag(boolean value, Origin origin) implements Node {
    @Override
    public String kind() {
      return "a boolean";
    }
  }

  record Whole(BigInteger value, Origin origin) implements Node {
    @Override
    public String kind() {
      return "a whole number";
    }
  }

  record Fraction(double value, Origin origin) implements Node {
    @Override
    public String kind() {
      return "a fraction";
    }
  }

  record Sequence(List<Node> items, Origin origin) implements Node {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  record Mapping(Map<String, Node> entries, Origin origin) implements Node {
    /** Without any key. */
    public static final Mapping EMPTY = new Mapping(Map.of(), new Origin.BuiltIn());

    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    @Override
    public String kind() {
      return "a mapping";
    }

    /** The value at a path such as {@code store.sqlite.path}; null if there is none. */
    public @Nullable Node find(String path) {
      int dot = path.indexOf('.');
      if (dot < 0) {
        return entries.get(path);
      }
      return entries.get(path.substring(0, dot)) instanceof Mapping inner
          ? inner.find(path.substring(dot + 1))
          : null;
    }

    /** Key by key at every depth; what is no mapping on both sides is replaced whole. */
    public Mapping overriddenBy(Mapping other) {
      Map<String, Node> merged = new LinkedHashMap<>(entries);
      other.entries.forEach(
          (key, theirs) ->
              merged.merge(
                  key,
                  theirs,
                  (ours, stronger) ->
                      ours instanceof Mapping below && stronger instanceof Mapping above
                          ? below.overriddenBy(above)
                          : stronger));
      return new Mapping(merged, origin);
    }
  }

  /** The value itself for an error text, if it is short enough to be of help. */
  default String shown() {
    return switch (this) {
      case Null _ -> "empty";
      case Text(String text, _) -> "the text '" + abbreviated(text) + "'";
      case Flag(boolean flag, _) -> "the boolean " + flag;
      case Whole(BigInteger number, _) -> "the number " + abbreviated(number.toString());
      case Fraction(double number, _) -> "the fraction " + number;
      case Sequence _, Mapping _ -> kind();
    };
  }

  private static String abbreviated(String text) {
    String line = OneLine.of(text.length() <= 60 ? text : text.substring(0, 57));
    return text.length() <= 60 ? line : line + "…";
  }
}
