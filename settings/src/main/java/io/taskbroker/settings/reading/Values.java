package io.taskbroker.settings.reading;

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
public final class Values {
  private record Value(@Nullable Object value, Origin origin) {}

  private final Map<Setting<?>, Value> values = new HashMap<>();
  private final Map<SettingMap, NavigableMap<String, Values>> entries = new HashMap<>();
  private final Map<SettingMap, Origin> origins = new HashMap<>();

  public <T> void put(Setting<T> setting, @Nullable T value, Origin origin) {
    values.put(setting, new Value(value, origin));
  }

  /** What holds when nobody writes the key. */
  public <T> void putFallback(Setting<T> setting) {
    put(setting, setting.fallback(), new Origin.BuiltIn());
  }

  /**
   * @throws IllegalStateException if it is unset, and nothing had to be there
   */
  public <T> T get(Setting<T> setting) {
    return find(setting).orElseThrow(() -> new IllegalStateException(setting + " is unset"));
  }

  @SuppressWarnings("unchecked") // put() pairs each setting with a value of its type
  public <T> Optional<T> find(Setting<T> setting) {
    Value known = values.get(setting);
    return known == null ? Optional.empty() : Optional.ofNullable((T) known.value());
  }

  public boolean isSet(Setting<?> setting) {
    return find(setting).isPresent();
  }

  /** Whether somebody wrote it, be it as empty. */
  public boolean isGiven(Setting<?> setting) {
    return !(origin(setting) instanceof Origin.BuiltIn);
  }

  public Origin origin(Setting<?> setting) {
    Value known = values.get(setting);
    return known == null ? new Origin.BuiltIn() : known.origin();
  }

  /** Where the mapping as a whole was written; in an entry's own values, where that entry was. */
  public void putOrigin(SettingMap map, Origin origin) {
    origins.put(map, origin);
  }

  /** As {@link #putOrigin}; built in, if nobody wrote it. */
  public Origin origin(SettingMap map) {
    return origins.getOrDefault(map, new Origin.BuiltIn());
  }

  /** The entries of a mapping by names; may be added to. */
  public NavigableMap<String, Values> entries(SettingMap map) {
    return entries.computeIfAbsent(map, _ -> new TreeMap<>());
  }
}
