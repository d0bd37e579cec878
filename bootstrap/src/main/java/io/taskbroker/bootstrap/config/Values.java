package io.taskbroker.bootstrap.config;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The values of settings, each with where it was written. Filled while a configuration is read and
 * normalised, read afterwards.
 */
final class Values {
  private record Value(@Nullable Object value, Origin origin) {}

  private final Map<Setting<?>, Value> values = new HashMap<>();
  private final Map<SettingMap, NavigableMap<String, Values>> entries = new HashMap<>();
  private final Map<SettingMap, Origin> origins = new HashMap<>();

  <T> void put(Setting<T> setting, @Nullable T value, Origin origin) {
    values.put(setting, new Value(value, origin));
  }

  /** What holds when nobody writes the key. */
  <T> void putFallback(Setting<T> setting) {
    put(setting, setting.fallback(), new Origin.BuiltIn());
  }

  /**
   * @throws IllegalStateException if it is unset, and nothing had to be there
   */
  <T> T get(Setting<T> setting) {
    return find(setting).orElseThrow(() -> new IllegalStateException(setting + " is unset"));
  }

  @SuppressWarnings("unchecked") // put() pairs each setting with a value of its type
  <T> Optional<T> find(Setting<T> setting) {
    Value known = values.get(setting);
    return known == null ? Optional.empty() : Optional.ofNullable((T) known.value());
  }

  boolean isSet(Setting<?> setting) {
    return find(setting).isPresent();
  }

  /** Whether somebody wrote it, be it as empty. */
  boolean isGiven(Setting<?> setting) {
    return !(origin(setting) instanceof Origin.BuiltIn);
  }

  Origin origin(Setting<?> setting) {
    Value known = values.get(setting);
    return known == null ? new Origin.BuiltIn() : known.origin();
  }

  /** Where the mapping as a whole was written; in an entry's own values, where that entry was. */
  void putOrigin(SettingMap map, Origin origin) {
    origins.put(map, origin);
  }

  /** As {@link #putOrigin}; built in, if nobody wrote it. */
  Origin origin(SettingMap map) {
    return origins.getOrDefault(map, new Origin.BuiltIn());
  }

  /** The entries of a mapping by names; may be added to. */
  NavigableMap<String, Values> entries(SettingMap map) {
    return entries.computeIfAbsent(map, _ -> new TreeMap<>());
  }
}
