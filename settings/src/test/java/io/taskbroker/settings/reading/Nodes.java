package io.taskbroker.settings.reading;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From texts to nodes, and from nodes to what they mean. */
public final class Nodes {
  private Nodes() {}

  /** What a file with this text says. */
  public static Node.Mapping ofYaml(String text) {
    try {
      Path file = Files.writeString(Files.createTempFile("configuration", ".yml"), text);
      try {
        return YamlFile.read(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As plain Java: texts, booleans, numbers, lists and maps. */
  public static @Nullable Object plain(Node node) {
    return switch (node) {
      case Node.Null _ -> null;
      case Node.Text(String text, _) -> text;
      case Node.Flag(boolean flag, _) -> flag;
      case Node.Whole(BigInteger number, _) -> number.longValueExact();
      case Node.Fraction(double number, _) -> number;
      case Node.Sequence(List<Node> items, _) -> items.stream().map(Nodes::plain).toList();
      case Node.Mapping(Map<String, Node> entries, _) -> {
        Map<String, @Nullable Object> plain = new HashMap<>();
        entries.forEach((key, value) -> plain.put(key, plain(value)));
        yield plain;
      }
    };
  }
}
