package io.taskbroker.settings.reading;

import java.io.StringWriter;
import java.util.ArrayList;
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
public final class ConfigText {
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

  private final Catalogue catalogue;
  private final Values values;

  /**
   * @param values of the keys in {@code catalogue}
   */
  public ConfigText(Catalogue catalogue, Values values) {
    this.catalogue = catalogue;
    this.values = values;
  }

  /** As it is logged at start. Older names whose values were moved are there, and empty. */
  public String forLog() {
    Part.Branch root = tree();
    catalogue
        .current()
        .forEach(
            setting ->
                setting
                    .former()
                    .filter(former -> wasMoved(values.origin(setting), former.path()))
                    .ifPresent(
                        former ->
                            root.put(former.path(), new Part.Leaf(null, values.origin(setting)))));
    return render(root, Origins.LEFT_OUT);
  }

  /** With a comment behind each value that says where it was written. */
  public String withOrigins() {
    return render(tree(), Origins.SHOWN);
  }

  /**
   * A value with all that there is to know of it.
   *
   * @param section the chapter it belongs to
   * @param key its full path
   * @param value as it would be written, or stars; null if it is unset
   * @param fallback what holds when nobody writes the key; null for nothing
   * @param isGiven whether somebody wrote it
   * @param origin where it was written
   * @param meaning in a sentence
   */
  public record Line(
      String section,
      String key,
      @Nullable String value,
      @Nullable String fallback,
      boolean isGiven,
      String origin,
      String meaning) {}

  /** All values but those that change nothing and that nobody has written. */
  public List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    for (SettingMap map : catalogue.maps()) {
      values
          .entries(map)
          .forEach(
              (name, entry) ->
                  map.keys().stream()
                      .filter(key -> !isBranch(key, entry) && !isInNothing(key, map, entry))
                      .forEach(
                          key -> lines.add(line(map.path(), map.path() + "." + name, key, entry))));
    }
    for (Catalogue.Section section : catalogue.sections()) {
      section.keys().stream()
          .filter(key -> !key.isIdle() || values.isGiven(key))
          .forEach(key -> lines.add(line(section.title(), "", key, values)));
    }
    catalogue.legacy().stream()
        .filter(values::isGiven)
        .forEach(key -> lines.add(line("Older names", "", key, values)));
    return lines;
  }

  private static <T> Line line(String section, String above, Setting<T> key, Values values) {
    T fallback = key.fallback();
    return new Line(
        section,
        above.isEmpty() ? key.path() : above + "." + key.path(),
        text(leaf(key, values).printed()),
        fallback == null || key.isSecret() ? null : text(key.type().printer().apply(fallback)),
        isWritten(values.origin(key)),
        values.origin(key).describe(),
        key.meaning());
  }

  private static boolean isWritten(Origin origin) {
    return switch (origin) {
      case Origin.BuiltIn _ -> false;
      case Origin.As(_, Origin written) -> isWritten(written);
      case Origin.InFile _, Origin.InEnvironment _ -> true;
    };
  }

  private static @Nullable String text(@Nullable Object printed) {
    return printed == null ? null : String.valueOf(printed);
  }

  private static boolean wasMoved(Origin origin, String former) {
    return origin instanceof Origin.As(String name, _) && name.equals(former);
  }

  private Part.Branch tree() {
    var root = new Part.Branch();
    for (SettingMap map : catalogue.maps()) {
      var entries = new Part.Branch();
      values.entries(map).forEach((name, entry) -> entries.parts().put(name, entry(map, entry)));
      root.put(map.path(), entries);
    }
    catalogue.current().forEach(setting -> root.put(setting.path(), leaf(setting, values)));
    catalogue.legacy().stream()
        .filter(values::isGiven)
        .forEach(setting -> root.put(setting.path(), leaf(setting, values)));
    return root;
  }

  private static Part entry(SettingMap map, Values entry) {
    var branch = new Part.Branch();
    for (Setting<?> setting : map.keys()) {
      if (!isBranch(setting, entry) && !isInNothing(setting, map, entry)) {
        branch.put(setting.path(), leaf(setting, entry));
      }
    }
    return branch;
  }

  /** Whether it is a mapping that is there, and so is shown by the keys in it. */
  private static boolean isBranch(Setting<?> setting, Values entry) {
    return setting.type().equals(Type.PRESENCE) && entry.isSet(setting);
  }

  /** Whether the mapping that the key belongs into is not there. */
  private static boolean isInNothing(Setting<?> setting, SettingMap map, Values entry) {
    return map.keys().stream()
        .filter(other -> other.type().equals(Type.PRESENCE) && !entry.isSet(other))
        .anyMatch(mapping -> setting.path().startsWith(mapping.path() + "."));
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

  private static String render(Part.Branch root, Origins origins) {
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
    yaml.serialize(node(root, origins), text);
    return text.toString();
  }

  private static Node node(Part part, Origins origins) {
    return switch (part) {
      case Part.Branch(Map<String, Part> parts) ->
          new MappingNode(
              Tag.MAP,
              parts.entrySet().stream()
                  .map(
                      named ->
                          new NodeTuple(plain(named.getKey()), node(named.getValue(), origins)))
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
