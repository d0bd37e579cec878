package io.taskbroker.bootstrap.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks for keys that nobody declared, and guesses what they were meant to be. */
final class UnknownKeys {
  private final Findings findings;

  private UnknownKeys(Findings findings) {
    this.findings = findings;
  }

  static void report(Node.Mapping written, Findings findings) {
    Set<String> known =
        Settings.all()
            .flatMap(
                setting ->
                    Stream.concat(
                        Stream.of(setting.path()),
                        setting.former().stream().map(Setting.Former::path)))
            .collect(Collectors.toCollection(TreeSet::new));
    Settings.MAPS.forEach(map -> known.add(map.path()));
    var search = new UnknownKeys(findings);
    search.walk("", "", written, known);
    Settings.MAPS.forEach(map -> search.walkEntries(map, written));
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
                warn(shownPrefix, path, node.origin(), known);
              }
            });
  }

  private void warn(String shownPrefix, String path, Origin origin, Collection<String> known) {
    String question =
        guess(path, known)
            .map(UnknownKeys::newest)
            .map(guess -> ". Did you mean %s?".formatted(meant(shownPrefix + guess, origin)))
            .orElse("");
    findings.warning(
        "%s (%s): there is no such setting, it is ignored%s"
            .formatted(shownPrefix + path, origin.describe(), question));
  }

  private static String meant(String path, Origin origin) {
    return origin instanceof Origin.InEnvironment ? Environment.variableFor(path) : path;
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

  private static String newest(String path) {
    return Settings.all()
        .filter(setting -> setting.former().filter(f -> f.path().equals(path)).isPresent())
        .map(Setting::path)
        .findFirst()
        .orElse(path);
  }

  private static String lastName(String path) {
    return Arrays.asList(path.split("\\.", -1)).getLast();
  }
}
