package io.taskbroker.settings;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.adapters.kafka.KafkaClusterSettings;
import io.taskbroker.adapters.kafka.KafkaSecuritySettings;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.settings.reading.InvalidConfigException;
import io.taskbroker.settings.reading.YamlFile;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads the rules that operators change while the broker runs. A file with anything wrong in it is
 * refused as a whole.
 *
 * <p>It looks at YAML more closely than the configuration does: whether a key was in quotes, and
 * whether a value was left out or said to be null, make a difference here.
 */
public final class RulesReader {
  private static final BigInteger MAX_INDEX = BigInteger.valueOf(Integer.MAX_VALUE);

  /** What a file of rules says; other keys of it are nobody's. */
  private static final Set<String> KEYS =
      Ordered.copyOf(
          List.of(
              "drop_task_killswitch",
              "demoted_namespaces",
              "demoted_topic",
              "demoted_topic_cluster"));

  private final Path file;
  private final boolean isWhole;

  /** Far more than a file of rules has. */
  private static final int MOST_MERGES = 100;

  private final RuleValues values;
  private int merges;

  /**
   * @param isWhole whether both lists have to be there
   */
  private RulesReader(Path file, boolean isWhole) {
    this.file = file;
    this.isWhole = isWhole;
    this.values = new RuleValues(file);
  }

  /**
   * @param file for error texts
   * @throws InvalidConfigException with the first thing that is wrong, its line and its key
   */
  public static Rules read(Path file, ByteBuffer content) {
    return new RulesReader(file, true).rules(YamlFile.compose(file, content));
  }

  /**
   * Some rules in the language of the file, of which each list may be missing. A key that no rule
   * has is refused: somebody would wait in vain for what it says.
   *
   * @throws InvalidConfigException with the first thing that is wrong, its line and its key
   */
  public static Rules readSome(String text) {
    Path nameless = Path.of("rules");
    Node root = YamlFile.compose(nameless, ByteBuffer.wrap(text.getBytes(UTF_8)));
    return new RulesReader(nameless, false).rules(root);
  }

  private Rules rules(@Nullable Node root) {
    if (root == null && !isWhole) {
      return Rules.NONE;
    }
    if (root == null) {
      throw new InvalidConfigException(file + ": is empty; drop_task_killswitch is missing");
    }
    Map<String, Node> entries = mapping(root, isWhole ? "the file" : "the text");
    if (!isWhole) {
      refuseOthers(entries);
    }
    return new Rules(killSwitch(entries), demotion(entries));
  }

  private void refuseOthers(Map<String, Node> entries) {
    entries.forEach(
        (key, node) -> {
          if (!KEYS.contains(key)) {
            throw invalid(node, key, "is not known; there are " + String.join(", ", KEYS));
          }
        });
  }

  private KillSwitch killSwitch(Map<String, Node> entries) {
    Set<String> tasknames = new HashSet<>();
    List<Selector> selectors = new ArrayList<>();
    for (Node item : requiredList(entries, "drop_task_killswitch")) {
      if (item instanceof MappingNode) {
        selectors.add(selector(item));
      } else {
        tasknames.add(text(item, "drop_task_killswitch"));
      }
    }
    return new KillSwitch(tasknames, selectors);
  }

  private Selector selector(Node rule) {
    Map<String, Node> entries = mapping(rule, "drop_task_killswitch");
    Node name = entries.get("name");
    if (name == null) {
      throw invalid(rule, "name", "is missing from a rule");
    }
    Map<Integer, Value> positional = new HashMap<>();
    for (NodeTuple argument : tuples(entries.get("select_arg"), "select_arg")) {
      int index = index(argument.getKeyNode());
      if (positional.put(index, values.of(argument.getValueNode())) != null) {
        throw invalid(argument.getKeyNode(), "select_arg", "has the index " + index + " twice");
      }
    }
    Map<String, Value> named = new HashMap<>();
    for (NodeTuple argument : tuples(entries.get("select_kwarg"), "select_kwarg")) {
      String keyword = text(argument.getKeyNode(), "select_kwarg");
      if (named.put(keyword, values.of(argument.getValueNode())) != null) {
        throw invalid(argument.getKeyNode(), "select_kwarg", "has '" + keyword + "' twice");
      }
    }
    return new Selector(text(name, "name"), positional, named);
  }

  private Demotion demotion(Map<String, Node> entries) {
    Set<String> namespaces = new HashSet<>();
    for (Node item : requiredList(entries, "demoted_namespaces")) {
      namespaces.add(scalar(item, "demoted_namespaces").getValue());
    }
    Node cluster = entries.get("demoted_topic_cluster");
    String address = optionalText(cluster, "demoted_topic_cluster");
    if (cluster != null && address != null) {
      checkAddress(cluster, address);
    }
    return new Demotion(
        namespaces, optionalText(entries.get("demoted_topic"), "demoted_topic"), address);
  }

  private void checkAddress(Node cluster, String address) {
    try {
      var _ = new KafkaClusterSettings("demoted", address, KafkaSecuritySettings.NONE);
    } catch (IllegalArgumentException e) {
      throw invalid(cluster, "demoted_topic_cluster", String.valueOf(e.getMessage()));
    }
  }

  /** Unlike a missing one, a key with nothing behind it is an empty list; null is neither. */
  private List<Node> requiredList(Map<String, Node> entries, String key) {
    Node node = entries.get(key);
    if (node == null && !isWhole) {
      return List.of();
    }
    if (node == null) {
      throw new InvalidConfigException(
          "%s: %s is missing; without rules write '%s: []'".formatted(file, key, key));
    }
    if (isLeftOut(node)) {
      return List.of();
    }
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    throw invalid(node, key, "expects a list, but is " + values.shown(node));
  }

  private List<NodeTuple> tuples(@Nullable Node node, String key) {
    if (node == null || isLeftOut(node)) {
      return List.of();
    }
    if (node instanceof MappingNode mapping) {
      return mapping.getValue();
    }
    throw invalid(node, key, "expects a mapping, but is " + values.shown(node));
  }

  /** Keys that are no text are nobody's. */
  private Map<String, Node> mapping(Node node, String what) {
    if (!(node instanceof MappingNode mapping)) {
      throw invalid(node, what, "expects a mapping, but is " + values.shown(node));
    }
    Map<String, Node> entries = new LinkedHashMap<>();
    Map<String, Node> merged = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode key) {
        if (YamlFile.isMerge(key)) {
          countMerge(key);
          mergedMappings(tuple.getValueNode())
              .forEach(more -> mapping(more, "<<").forEach(merged::putIfAbsent));
        } else if (entries.put(key.getValue(), tuple.getValueNode()) != null) {
          throw invalid(key, key.getValue(), "is there twice");
        }
      }
    }
    merged.forEach(entries::putIfAbsent);
    return entries;
  }

  /** A mapping that is merged into itself has no end. */
  private void countMerge(Node key) {
    if (++merges > MOST_MERGES) {
      throw invalid(key, "<<", "is there more than " + MOST_MERGES + " times, or contains itself");
    }
  }

  private static List<Node> mergedMappings(Node value) {
    return value instanceof SequenceNode several ? several.getValue() : List.of(value);
  }

  private int index(Node node) {
    if (node instanceof ScalarNode scalar
        && scalar.isPlain()
        && values.of(scalar) instanceof Value.Whole(BigInteger number)
        && number.signum() >= 0
        && number.compareTo(MAX_INDEX) <= 0) {
      return number.intValueExact();
    }
    throw invalid(
        node,
        "select_arg",
        "expects positions as its keys: whole numbers from 0, without quotes. Found "
            + values.shown(node));
  }

  private String text(Node node, String key) {
    if (node instanceof ScalarNode scalar && values.of(scalar) instanceof Value.Text(String text)) {
      return text;
    }
    throw invalid(node, key, "expects a text, but is " + values.shown(node) + ". Put it in quotes");
  }

  private @Nullable String optionalText(@Nullable Node node, String key) {
    if (node == null) {
      return null;
    }
    ScalarNode scalar = scalar(node, key);
    if (scalar.getTag().equals(Tag.NULL)) {
      return null;
    }
    if (scalar.getValue().isBlank()) {
      throw invalid(node, key, "must not be blank");
    }
    return scalar.getValue();
  }

  private ScalarNode scalar(Node node, String key) {
    if (node instanceof ScalarNode scalar) {
      return scalar;
    }
    throw invalid(node, key, "expects a text, but is " + values.shown(node));
  }

  private static boolean isLeftOut(Node node) {
    return node instanceof ScalarNode scalar
        && scalar.getTag().equals(Tag.NULL)
        && scalar.getValue().isEmpty();
  }

  private InvalidConfigException invalid(Node node, String key, String what) {
    return new InvalidConfigException(
        "%s: %s %s".formatted(values.originOf(node).describe(), key, what));
  }
}
