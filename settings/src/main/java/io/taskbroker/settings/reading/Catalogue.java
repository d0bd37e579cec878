package io.taskbroker.settings.reading;

import java.util.List;
import java.util.stream.Stream;

/**
 * Every key that a program declares.
 *
 * @param prefix with which the names of the environment's variables begin, such as {@code BROKER_}
 * @param sections in the order in which people read about them
 * @param maps mappings by names that the operator chooses
 * @param legacy keys of an older way to say the same; shown only if somebody wrote them
 */
public record Catalogue(
    String prefix, List<Section> sections, List<SettingMap> maps, List<Setting<?>> legacy) {
  /**
   * A chapter of the configuration.
   *
   * @param keys with their full paths
   */
  public record Section(String title, List<Setting<?>> keys) {
    public Section {
      keys = List.copyOf(keys);
    }
  }

  public Catalogue {
    sections = List.copyOf(sections);
    maps = List.copyOf(maps);
    legacy = List.copyOf(legacy);
  }

  /** The keys of all sections. */
  public Stream<Setting<?>> current() {
    return sections.stream().flatMap(section -> section.keys().stream());
  }

  /** The keys of all sections, and the older ones. */
  public Stream<Setting<?>> all() {
    return Stream.concat(current(), legacy.stream());
  }

  /** Names of the environment's variables. */
  public Environment environment() {
    return new Environment(prefix);
  }
}
