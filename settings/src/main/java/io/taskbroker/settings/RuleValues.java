package io.taskbroker.settings;

import io.taskbroker.domain.rules.Value;
import io.taskbroker.settings.reading.InvalidConfigException;
import io.taskbroker.settings.reading.Node;
import io.taskbroker.settings.reading.Origin;
import io.taskbroker.settings.reading.YamlScalar;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Turns YAML into values that arguments can be compared with. */
final class RuleValues {
  /** A value that contains itself would have no end. */
  private static final int MAX_DEPTH = 50;

  /** Aliases of aliases make much of few lines. */
  private static final int MAX_VALUES = 1_000_000;

  private final Path file;
  private int values;

  /** Of one file. Used by one thread. */
  RuleValues(Path file) {
    this.file = file;
  }

  Value of(org.yaml.snakeyaml.nodes.Node node) {
    return of(node, 0);
  }

  /** What it is, with article, for an error text. */
  String shown(org.yaml.snakeyaml.nodes.Node node) {
    return switch (node) {
      case ScalarNode scalar -> YamlScalar.read(scalar, originOf(scalar)).shown();
      case SequenceNode _ -> "a list";
      default -> "a mapping";
    };
  }

  Origin originOf(org.yaml.snakeyaml.nodes.Node node) {
    return new Origin.InFile(file, node.getStartMark().getLine() + 1);
  }

  private Value of(org.yaml.snakeyaml.nodes.Node node, int depth) {
    if (++values > MAX_VALUES) {
      throw invalid(
          node, "there are more than " + MAX_VALUES + " values, aliases counted each time");
    }
    if (depth > MAX_DEPTH) {
      throw invalid(node, "a value is nested more than " + MAX_DEPTH + " deep");
    }
    return switch (node) {
      case ScalarNode scalar -> ofScalar(scalar);
      case SequenceNode sequence ->
          new Value.Sequence(
              sequence.getValue().stream().map(item -> of(item, depth + 1)).toList());
      case MappingNode mapping -> ofMapping(mapping, depth);
      default -> throw invalid(node, "cannot be understood");
    };
  }

  private Value ofScalar(ScalarNode scalar) {
    return switch (YamlScalar.read(scalar, originOf(scalar))) {
      case Node.Null _ -> new Value.Null();
      case Node.Flag(boolean flag, _) -> new Value.Bool(flag);
      case Node.Whole(BigInteger number, _) -> new Value.Whole(number);
      case Node.Fraction(double number, _) -> new Value.Real(number);
      case Node.Text(String text, _) -> new Value.Text(text);
      case Node.Sequence _, Node.Mapping _ -> throw new AssertionError("a scalar is one value");
    };
  }

  private Value ofMapping(MappingNode mapping, int depth) {
    Map<Value, Value> entries = new HashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Value key = of(tuple.getKeyNode(), depth + 1);
      if (entries.put(key, of(tuple.getValueNode(), depth + 1)) != null) {
        throw invalid(tuple.getKeyNode(), "a key is there twice");
      }
    }
    return new Value.Mapping(entries);
  }

  private InvalidConfigException invalid(org.yaml.snakeyaml.nodes.Node node, String what) {
    return new InvalidConfigException(originOf(node).describe() + ": " + what);
  }
}
