package io.taskbroker.bootstrap.config;

import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.comments.CommentLine;
import org.yaml.snakeyaml.comments.CommentType;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/** Writes the effective configuration as YAML, with stars in place of what is secret. */
final class ConfigText {
  private static final String STARS = "******";

  /** A value, or values by name. */
  private sealed interface Part {
    record Leaf(@Nullable Object printed, Origin origin) implements Part {}

    record Branch(Map<String, Part> parts) implements Part {
      Branch() {
        this(new LinkedHashMap<>());
      }

      void put(String path, Part part) {
        int dot = path.indexOf('.');
        if (dot < 0) {
          parts.put(path, part);
          return;
        }
        Part inner = parts.computeIfAbsent(path.substring(0, dot), _ -> new Branch());
        if (inner instanceof Branch branch) {
          branch.put(path.substring(dot + 1), part);
        }
      }
    }
  }

  /** Whether each value is followed by a comment that says where it was written. */
  private enum Origins {
    SHOWN,
    LEFT_OUT
  }

  private final Origins origins;

  private ConfigText(Origins origins) {
    this.origins = origins;
  }

  /** As it is logged at start. Older names whose values were moved are there, and empty. */
  static String forLog(Values values) {
    Part.Branch root = tree(values);
    Settings.current()
        .forEach(
            setting ->
                setting
                    .former()
                    .filter(former -> wasMoved(values.origin(setting), former.path()))
                    .ifPresent(
                        former ->
                            root.put(former.path(), new Part.Leaf(null, values.origin(setting)))));
    return new ConfigText(Origins.LEFT_OUT).render(root);
  }

  static String withOrigins(Values values) {
    return new ConfigText(Origins.SHOWN).render(tree(values));
  }

  private static boolean wasMoved(Origin origin, String former) {
    return origin instanceof Origin.As(String name, _) && name.equals(former);
  }

  private static Part.Branch tree(Values values) {
    var root = new Part.Branch();
    for (SettingMap map : Settings.MAPS) {
      var entries = new Part.Branch();
      values.entries(map).forEach((name, entry) -> entries.parts().put(name, entry(map, entry)));
      root.put(map.path(), entries);
    }
    Settings.current().forEach(setting -> root.put(setting.path(), leaf(setting, values)));
    Settings.LEGACY.stream()
        .filter(values::isGiven)
        .forEach(setting -> root.put(setting.path(), leaf(setting, values)));
    return root;
  }

  private static Part entry(SettingMap map, Values entry) {
    var branch = new Part.Branch();
    boolean raw = RawTopics.isRaw(entry);
    for (Setting<?> setting : map.keys()) {
      boolean isBranch = setting == KafkaKeys.TOPIC_RAW && raw;
      boolean isInNothing = setting.path().startsWith("raw.") && !raw;
      if (!isBranch && !isInNothing) {
        branch.put(setting.path(), leaf(setting, entry));
      }
    }
    return branch;
  }

  private static <T> Part.Leaf leaf(Setting<T> setting, Values values) {
    Optional<T> value = values.find(setting);
    Object printed =
        value
            .map(
                v ->
                    setting.isSecret()
                        ? starred(v)
                        : Masked.value(setting.type().printer().apply(v)))
            .orElse(null);
    return new Part.Leaf(printed, values.origin(setting));
  }

  private static Object starred(Object secret) {
    return secret instanceof List<?> several ? several.stream().map(_ -> STARS).toList() : STARS;
  }

  private String render(Part.Branch root) {
    var options = new DumperOptions();
    options.setWidth(Integer.MAX_VALUE);
    options.setProcessComments(origins == Origins.SHOWN);
    var yaml =
        new Yaml(
            new SafeConstructor(new LoaderOptions()),
            new Representer(options),
            options,
            new LoaderOptions(),
            new CoreSchema());
    var text = new StringWriter();
    yaml.serialize(node(root), text);
    return text.toString();
  }

  private Node node(Part part) {
    return switch (part) {
      case Part.Branch(Map<String, Part> parts) ->
          new MappingNode(
              Tag.MAP,
              parts.entrySet().stream()
                  .map(named -> new NodeTuple(plain(named.getKey()), node(named.getValue())))
                  .toList(),
              parts.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK);
      case Part.Leaf(Object printed, Origin origin) -> {
        Node value = plain(printed);
        if (origins == Origins.SHOWN) {
          value.setInLineComments(
              List.of(new CommentLine(null, null, " " + origin.describe(), CommentType.IN_LINE)));
        }
        yield value;
      }
    };
  }

  private static Node plain(@Nullable Object printed) {
    return switch (printed) {
      case null -> scalar(Tag.NULL, "null");
      case String text -> scalar(Tag.STR, text);
      case Boolean flag -> scalar(Tag.BOOL, flag.toString());
      case Double fraction -> scalar(Tag.FLOAT, fraction.toString());
      case Number number -> scalar(Tag.INT, number.toString());
      case List<?> items ->
          new SequenceNode(Tag.SEQ, items.stream().map(ConfigText::plain).toList(), FlowStyle.FLOW);
      case Map<?, ?> entries ->
          new MappingNode(
              Tag.MAP,
              entries.entrySet().stream()
                  .map(entry -> new NodeTuple(plain(entry.getKey()), plain(entry.getValue())))
                  .toList(),
              FlowStyle.FLOW);
      default -> throw new IllegalArgumentException("cannot be written: " + printed.getClass());
    };
  }

  private static Node scalar(Tag tag, String text) {
    return new ScalarNode(tag, text, null, null, ScalarStyle.PLAIN);
  }
}
