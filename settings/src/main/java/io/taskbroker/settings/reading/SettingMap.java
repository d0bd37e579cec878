package io.taskbroker.settings.reading;

import java.util.List;

/** A mapping from names that the operator chooses to entries with these keys. */
public record SettingMap(String path, List<Setting<?>> keys) {
  public SettingMap {
    keys = List.copyOf(keys);
  }
}
