package io.taskbroker.settings.reading;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Declared keys as parts of a page in Markdown. */
public final class KeyTables {
  private KeyTables() {}

  /**
   * A table with value, default and meaning of each.
   *
   * @param prefix of their paths
   */
  public static String keys(String prefix, List<Setting<?>> settings) {
    return settings.stream()
        .map(setting -> row(prefix, setting))
        .collect(
            Collectors.joining(
                "", "| key | value | default | meaning |\n| --- | --- | --- | --- |\n", ""));
  }

  /** A list of keys that change nothing, each with why. */
  public static String idle(List<Setting<?>> settings) {
    return settings.stream()
        .map(setting -> "- `%s`: %s\n".formatted(setting, setting.meaning()))
        .collect(Collectors.joining());
  }

  /** A table of the names that keys had before. */
  public static String formerNames(List<Setting<?>> settings) {
    return settings.stream()
        .map(KeyTables::formerName)
        .collect(Collectors.joining("", "| former name | is now |\n| --- | --- |\n", ""));
  }

  private static <T> String row(String prefix, Setting<T> setting) {
    String demands =
        setting.rules().stream()
            .map(rule -> "; must " + rule.demand())
            .collect(Collectors.joining());
    return "| `%s%s` | %s%s | %s | %s%s |\n"
        .formatted(
            prefix,
            setting,
            withoutArticle(setting.type().name()),
            demands,
            absent(setting),
            setting.meaning(),
            setting.isSecret() ? " Never logged." : "");
  }

  private static String withoutArticle(String type) {
    return type.startsWith("a ") ? type.substring(2) : type;
  }

  private static <T> String absent(Setting<T> setting) {
    T fallback = setting.fallback();
    if (fallback != null) {
      return "`" + shown(setting.type().printer().apply(fallback)) + "`";
    }
    return switch (setting.absence()) {
      case IS_AN_ERROR -> "required";
      case MEANS_UNSET, MEANS_DEFAULT -> "unset";
    };
  }

  private static String shown(Object printed) {
    return switch (printed) {
      case Map<?, ?> entries ->
          entries.entrySet().stream()
              .map(entry -> entry.getKey() + ": \"" + entry.getValue() + "\"")
              .collect(Collectors.joining(", ", "{", "}"));
      default -> printed.toString();
    };
  }

  /** Empty if it has always had its name. */
  private static <T> String formerName(Setting<T> setting) {
    return setting
        .former()
        .map(
            former ->
                "| `%s`%s | `%s` |\n".formatted(former.path(), type(former, setting), setting))
        .orElse("");
  }

  private static <T> String type(Setting.Former<T> former, Setting<T> setting) {
    return former.type().equals(setting.type()) ? "" : ", " + withoutArticle(former.type().name());
  }
}
