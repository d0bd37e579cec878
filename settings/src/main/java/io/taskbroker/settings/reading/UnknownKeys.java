package io.taskbroker.settings.reading;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks for keys that nobody declared, and guesses what they were meant to be. */
public final class UnknownKeys {
  private final Catalogue catalogue;
  private final Findings findings;

  private UnknownKeys(Catalogue catalogue, Findings findings) {
    this.catalogue = catalogue;
    this.findings = findings;
  }

  /** Warns of each unknown key, with what was probably meant. */
  public static void report(Catalogue catalogue, Node.Mapping written, Findings findings) {
    Set<String> known =
        catalogue
            .all()
            .flatMap(
                setting ->
                    Stream.concat(
                        Stream.of(setting.path()),
                        setting.former().stream().map(Setting.Former::path)))
            .collect(Collectors.toCollection(TreeSet::new));
    catalogue.maps().forEach(map -> known.add(map.path()));
    var search = new UnknownKeys(catalogue, findings);
    search.walk("", "", written, known);
    catalogue.maps().forEach(map -> search.walkEntries(map, written));
  }

  private void walkEntries(SettingMap map, Node.Mapping written) {
    if (written.find(map.path()) instanceof Node.Mapping(Map<String, Node> entries, _)) {
      List<String> known = map.keys().stream().map(Setting::path).toList();
      entries.forEach(
          (name, entry) -> {
            if (entry instanceof Node.Mapping mapping) {
              walk(map.path() + "." + name + ".", "", mapping, known);
            }
          });
    }
  }

  /**
   * @param shownPrefix of the paths in what is reported
   * @param prefix of the paths in {@code known}
   */
  private void walk(
      String shownPrefix, String prefix, Node.Mapping mapping, Collection<String> known) {
    mapping
        .entries()
        .forEach(
            (key, node) -> {
              String path = prefix + key;
              boolean isSection = known.stream().anyMatch(k -> k.startsWith(path + "."));
              if (isSection && node instanceof Node.Mapping inner) {
                walk(shownPrefix, path + ".", inner, known);
              } else if (isSection && !known.contains(path) && !(node instanceof Node.Null)) {
                findings.problem(
                    "%s (%s): expects a mapping, but is %s"
                        .formatted(shownPrefix + path, node.origin().describe(), node.shown()));
              } else if (!isSection && !known.contains(path)) {
                unknown(shownPrefix, path, node, known);
              }
            });
  }

  /** A mistyped section is answered for each key in it, as each variable of the environment is. */
  private void unknown(String shownPrefix, String path, Node node, Collection<String> known) {
    Optional<String> section =
        node instanceof Node.Mapping
            ? Suggestions.closest(path, sections(known))
            : Optional.empty();
    if (section.isEmpty()) {
      warn(shownPrefix, path, node.origin(), known);
      return;
    }
    leaves(path, node)
        .forEach(
            (leaf, value) -> {
              String meant = section.get() + leaf.substring(path.length());
              String question =
                  " Did you mean %s?"
                      .formatted(
                          meant(shownPrefix + guess(meant, known).orElse(meant), value.origin()));
              warn(shownPrefix + leaf, value.origin(), question);
            });
  }

  /** Every path below which there are keys. */
  private Set<String> sections(Collection<String> known) {
    Set<String> sections =
        catalogue.maps().stream()
            .map(SettingMap::path)
            .collect(Collectors.toCollection(TreeSet::new));
    for (String path : known) {
      for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
        sections.add(path.substring(0, dot));
      }
    }
    return sections;
  }

  private static Map<String, Node> leaves(String path, Node node) {
    Map<String, Node> leaves = new LinkedHashMap<>();
    if (node instanceof Node.Mapping(Map<String, Node> entries, _) && !entries.isEmpty()) {
      entries.forEach((key, entry) -> leaves.putAll(leaves(path + "." + key, entry)));
    } else {
      leaves.put(path, node);
    }
    return leaves;
  }

  private void warn(String shownPrefix, String path, Origin origin, Collection<String> known) {
    String question =
        guess(path, known)
            .map(this::newest)
            .map(guess -> " Did you mean %s?".formatted(meant(shownPrefix + guess, origin)))
            .orElse("");
    warn(shownPrefix + path, origin, question);
  }

  private void warn(String path, Origin origin, String question) {
    findings.warning(
        "%s (%s): there is no such setting, it is ignored%s"
            .formatted(path, origin.describe(), question.isEmpty() ? "" : "." + question));
  }

  private String meant(String path, Origin origin) {
    return origin instanceof Origin.InEnvironment
        ? catalogue.environment().variableFor(path)
        : path;
  }

  /** A key with a similar path; or one with the same name, or a similar one, somewhere else. */
  private static Optional<String> guess(String path, Collection<String> known) {
    return Suggestions.closest(path, known)
        .or(
            () -> {
              Map<String, List<String>> byName =
                  known.stream().collect(Collectors.groupingBy(UnknownKeys::lastName));
              return Suggestions.closest(lastName(path), byName.keySet())
                  .map(name -> byName.get(name))
                  .filter(paths -> paths.size() == 1)
                  .map(List::getFirst);
            });
  }

  private String newest(String path) {
    return catalogue
        .all()
        .filter(setting -> setting.former().filter(f -> f.path().equals(path)).isPresent())
        .map(Setting::path)
        .findFirst()
        .orElse(path);
  }

  private static String lastName(String path) {
    return Arrays.asList(path.split("\\.", -1)).getLast();
  }
}
