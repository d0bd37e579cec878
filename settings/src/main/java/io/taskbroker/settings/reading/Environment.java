package io.taskbroker.settings.reading;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The settings among the environment's variables: those whose names begin with a prefix. */
public final class Environment {
  /** Stands for bytes that are no UTF-8. */
  private static final String UNREADABLE = "\uFFFD";

  /** What Kubernetes sets for a service that is called as the prefix says. */
  private static final Pattern SERVICE_LINK =
      Pattern.compile("service_host|service_port(_.*)?|port(_[0-9]+_(tcp|udp|sctp)(_.*)?)?");

  private final String prefix;

  /**
   * @param prefix in any case
   */
  public Environment(String prefix) {
    this.prefix = prefix;
  }

  /**
   * In the order of their names, so that the same variables always mean the same.
   *
   * @throws InvalidConfigException if a value is not UTF-8 text
   */
  public Node.Mapping read(Map<String, String> variables) {
    Node.Mapping all = Node.Mapping.EMPTY;
    for (var variable : new TreeMap<>(variables).entrySet()) {
      String name = variable.getKey();
      if (name.regionMatches(true, 0, prefix, 0, prefix.length())) {
        List<String> levels = levels(name.substring(prefix.length()));
        if (!levels.contains("") && !SERVICE_LINK.matcher(levels.getFirst()).matches()) {
          if (variable.getValue().contains(UNREADABLE)) {
            throw new InvalidConfigException(
                name
                    + ": its value is not UTF-8 text. Write it in UTF-8, in a UTF-8 locale such as LC_ALL=C.UTF-8");
          }
          Origin origin = new Origin.InEnvironment(name);
          Node value = EnvironmentValue.parse(variable.getValue(), origin);
          all = all.overriddenBy(nest(levels, value, origin));
        }
      }
    }
    return all;
  }

  /** The variable that sets a key. */
  public String variableFor(String path) {
    return prefix + path.replace(".", "__").toUpperCase(Locale.ROOT);
  }

  private static List<String> levels(String name) {
    return Arrays.asList(name.toLowerCase(Locale.ROOT).replace("__", ".").split("\\.", -1));
  }

  private static Node.Mapping nest(List<String> levels, Node value, Origin origin) {
    Node node = value;
    for (String level : levels.reversed()) {
      Map<String, Node> entry = new LinkedHashMap<>();
      entry.put(level, node);
      node = new Node.Mapping(entry, origin);
    }
    return (Node.Mapping) node;
  }
}
