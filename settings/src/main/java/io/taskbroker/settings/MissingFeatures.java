package io.taskbroker.settings;

import io.taskbroker.settings.reading.Values;
import java.util.ArrayList;
import java.util.List;

/** What can be configured, but is not in this version: refused rather than half done. */
final class MissingFeatures {
  private MissingFeatures() {}

  static List<String> wanted(Values values) {
    List<String> wanted = new ArrayList<>();
    if (values.get(StoreKeys.ADAPTER) == StoreKeys.Adapter.POSTGRES) {
      wanted.add(
          "store.adapter (%s): postgres is not in this version yet. Use sqlite"
              .formatted(values.origin(StoreKeys.ADAPTER).describe()));
    }
    return wanted;
  }
}
