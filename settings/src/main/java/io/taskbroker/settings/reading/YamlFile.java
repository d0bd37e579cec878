package io.taskbroker.settings.reading;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.representer.Representer;

/** Reads one YAML file into nodes that remember their lines. */
public final class YamlFile {
  /** Repeated use of an anchored collection may multiply its size; a configuration has few. */
  private static final int MAX_COLLECTION_ALIASES = 24;

  /** A file that never ends, such as a device, must not fill the memory. */
  static final int MAX_BYTES = 16 << 20;

  /** Aliases of aliases make much of few lines. */
  private static final int MAX_VALUES = 100_000;

  private final Path file;
  private int values;
  private final Set<org.yaml.snakeyaml.nodes.Node> open =
      Collections.newSetFromMap(new IdentityHashMap<>());

  private YamlFile(Path file) {
    this.file = file;
  }

  /**
   * Finds a file by its path, a relative one in {@code folder} or in the nearest of its parents.
   *
   * @throws InvalidConfigException if there is none
   */
  public static Path find(Path path, Path folder) {
    for (Path place = folder.toAbsolutePath(); place != null; place = place.getParent()) {
      Path candidate = place.resolve(path);
      if (Files.exists(candidate)) {
        return candidate.normalize();
      }
    }
    throw new InvalidConfigException(
        path.isAbsolute()
            ? "%s: no such file".formatted(path)
            : "%s: no such file in %s or any folder above it"
                .formatted(path, folder.toAbsolutePath()));
  }

  /**
   * @throws InvalidConfigException if it cannot be read, is no YAML, or is no mapping
   */
  public static Node.Mapping read(Path file) {
    byte[] content;
    try (InputStream all = Files.newInputStream(file)) {
      content = all.readNBytes(MAX_BYTES + 1);
    } catch (IOException e) {
      throw new InvalidConfigException("%s: cannot be read (%s)".formatted(file, reason(e)));
    }
    if (content.length > MAX_BYTES) {
      throw new InvalidConfigException(
          "%s: is larger than %d bytes, and so no configuration".formatted(file, MAX_BYTES));
    }
    org.yaml.snakeyaml.nodes.@Nullable Node root = compose(file, ByteBuffer.wrap(content));
    return root == null ? Node.Mapping.EMPTY : new YamlFile(file).document(root);
  }

  /**
   * The nodes of the YAML parser; null if there are none.
   *
   * @param file for error texts
   * @throws InvalidConfigException if it is no YAML
   */
  public static org.yaml.snakeyaml.nodes.@Nullable Node compose(Path file, ByteBuffer content) {
    try {
      // First, as the parser hides what goes wrong here.
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(content.duplicate());
      return yaml().compose(new StringReader(text.toString()));
    } catch (CharacterCodingException e) {
      throw new InvalidConfigException(file + ": is not UTF-8 text");
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      throw new InvalidConfigException(
          "%s:%d: is not YAML: %s".formatted(file, line, e.getProblem()));
    } catch (YAMLException | IllegalArgumentException e) { // of a tag it throws the latter
      throw new InvalidConfigException("%s: is not YAML: %s".formatted(file, e.getMessage()));
    }
  }

  private static String reason(IOException e) {
    String name = e.getClass().getSimpleName().replace("Exception", "");
    return name.equals("IO") ? String.valueOf(e.getMessage()) : name;
  }

  private static Yaml yaml() {
    var options = new LoaderOptions();
    options.setMaxAliasesForCollections(MAX_COLLECTION_ALIASES);
    var dumping = new DumperOptions();
    return new Yaml(
        new SafeConstructor(options), new Representer(dumping), dumping, options, new CoreSchema());
  }

  private Node.Mapping document(org.yaml.snakeyaml.nodes.Node root) {
    return switch (convert(root)) {
      case Node.Mapping mapping -> mapping;
      case Node.Null _ -> Node.Mapping.EMPTY;
      case Node other ->
          throw new InvalidConfigException(
              "%s: is %s where settings of the form 'key: value' are expected"
                  .formatted(file, other.kind()));
    };
  }

  private Node convert(org.yaml.snakeyaml.nodes.Node node) {
    return convert(node, originOf(node));
  }

  private Node convert(org.yaml.snakeyaml.nodes.Node node, Origin origin) {
    if (!open.add(node)) {
      throw new InvalidConfigException(origin.describe() + ": contains itself");
    }
    if (++values > MAX_VALUES) {
      throw new InvalidConfigException(
          "%s: there are more than %d values, counted where aliases repeat them"
              .formatted(origin.describe(), MAX_VALUES));
    }
    try {
      return switch (node) {
        case ScalarNode scalar -> YamlScalar.read(scalar, origin);
        case SequenceNode sequence ->
            new Node.Sequence(sequence.getValue().stream().map(this::convert).toList(), origin);
        case MappingNode mapping -> mapping(mapping.getValue(), origin);
        default -> throw new InvalidConfigException(origin.describe() + ": cannot be understood");
      };
    } finally {
      open.remove(node);
    }
  }

  private Origin originOf(org.yaml.snakeyaml.nodes.Node node) {
    return new Origin.InFile(file, node.getStartMark().getLine() + 1);
  }

  private Node.Mapping mapping(List<NodeTuple> tuples, Origin origin) {
    Map<String, Node> entries = new LinkedHashMap<>();
    List<Node.Mapping> merged = new ArrayList<>();
    for (NodeTuple tuple : tuples) {
      Origin place = originOf(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new InvalidConfigException(place.describe() + ": a key must be a plain text");
      }
      if (isMerge(key)) {
        merged.addAll(mergedMappings(tuple.getValueNode(), place));
        continue;
      }
      Node value = convert(tuple.getValueNode(), place);
      if (entries.putIfAbsent(key.getValue(), value) != null) {
        throw new InvalidConfigException(
            "%s: the key '%s' is there twice".formatted(place.describe(), key.getValue()));
      }
    }
    merged.forEach(more -> more.entries().forEach(entries::putIfAbsent));
    return new Node.Mapping(entries, origin);
  }

  /** {@code <<: *anchor} stands for the keys of another mapping that are not written beside it. */
  public static boolean isMerge(ScalarNode key) {
    return key.isPlain() && key.getValue().equals("<<");
  }

  /** One mapping, or a list of mappings of which the earlier ones win. */
  private List<Node.Mapping> mergedMappings(org.yaml.snakeyaml.nodes.Node value, Origin place) {
    List<Node> found =
        switch (convert(value, place)) {
          case Node.Sequence(List<Node> items, _) -> items;
          case Node other -> List.of(other);
        };
    List<Node.Mapping> mappings = new ArrayList<>();
    for (Node each : found) {
      if (!(each instanceof Node.Mapping mapping)) {
        throw new InvalidConfigException(
            "%s: << expects a mapping, or a list of mappings, but is %s"
                .formatted(place.describe(), each.shown()));
      }
      mappings.add(mapping);
    }
    return mappings;
  }
}
