package io.taskbroker.adapters.http.admin;

import java.util.List;
import java.util.Map;

/** The configuration with which the broker was started. */
final class SettingLooks {
  private final List<ShownSetting> settings;

  SettingLooks(List<ShownSetting> settings) {
    this.settings = settings;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
            "/api/v1/configuration",
            (_, said) -> {
              said.end();
              return Json.object("settings", settings.stream().map(SettingLooks::view).toList());
            }));
  }

  private static Map<String, Object> view(ShownSetting setting) {
    return Json.object(
        "section", setting.section(),
        "key", setting.key(),
        "value", setting.value(),
        "default", setting.fallback(),
        "is_given", setting.isGiven(),
        "origin", setting.origin(),
        "meaning", setting.meaning());
  }
}
