package io.taskbroker.settings.reading;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns what was written into values of the declared types, notes everything that is wrong, and
 * puts values of older names where they belong.
 */
public final class ConfigReader {
  private final Catalogue catalogue;
  private final Node.Mapping written;
  private final Findings findings;

  /**
   * @param catalogue of the keys that may be written
   * @param findings where everything that is wrong is noted
   */
  public ConfigReader(Catalogue catalogue, Node.Mapping written, Findings findings) {
    this.catalogue = catalogue;
    this.written = written;
    this.findings = findings;
  }

  /** Values of all declared keys; those that are wrong keep their defaults. */
  public Values read() {
    var values = new Values();
    catalogue.all().forEach(setting -> readWithFormerName(setting, values));
    catalogue.maps().forEach(map -> readMap(map, values));
    return values;
  }

  private <T> void readWithFormerName(Setting<T> setting, Values values) {
    readInto(values, written, "", setting);
    setting.former().ifPresent(former -> readFormer(setting, former, values));
  }

  /** The newer name wins, wherever each was written. */
  private <T> void readFormer(Setting<T> setting, Setting.Former<T> former, Values values) {
    Node node = written.find(former.path());
    if (node == null || node instanceof Node.Null) {
      return;
    }
    var origin = new Origin.As(former.path(), node.origin());
    Optional<T> value = convert(former.path(), former.type(), node, setting.isSecret());
    if (values.isGiven(setting)) {
      findings.hint(
          "%s (%s): ignored, since %s is there too (%s)"
              .formatted(
                  former.path(),
                  node.origin().describe(),
                  setting,
                  values.origin(setting).describe()));
      return;
    }
    findings.hint(
        "%s (%s): is now called %s".formatted(former.path(), node.origin().describe(), setting));
    value.ifPresent(
        moved -> {
          if (isAllowed(former.path(), setting, moved, node.origin())) {
            values.put(setting, moved, origin);
          }
        });
  }

  private void readMap(SettingMap map, Values values) {
    switch (written.find(map.path())) {
      case null -> {}
      case Node.Null _ -> {}
      case Node.Mapping(Map<String, Node> entries, Origin origin) -> {
        values.putOrigin(map, origin);
        entries.forEach((name, entry) -> readEntry(map, name, entry, values));
      }
      case Node other -> complain(map.path(), other, "a mapping from names to mappings");
    }
  }

  private void readEntry(SettingMap map, String name, Node entry, Values values) {
    String prefix = map.path() + "." + name + ".";
    var inner = new Values();
    values.entries(map).put(name, inner); // a wrong one, too, since others may refer to it
    inner.putOrigin(map, entry.origin());
    if (entry instanceof Node.Mapping mapping) {
      map.keys().forEach(setting -> readInto(inner, mapping, prefix, setting));
    } else {
      map.keys().forEach(inner::putFallback);
      complain(map.path() + "." + name, entry, "a mapping");
    }
  }

  private <T> void readInto(Values values, Node.Mapping from, String prefix, Setting<T> setting) {
    values.putFallback(setting);
    String path = prefix + setting;
    Node node = from.find(setting.path());
    switch (node) {
      case null -> {
        if (setting.absence() == Setting.Absence.IS_AN_ERROR) {
          findings.problem("%s (%s): is missing".formatted(path, from.origin().describe()));
        }
      }
      case Node.Null(Origin origin) -> readEmpty(values, path, setting, origin);
      case Node.Text(String text, Origin origin)
          when text.isEmpty() && setting.absence() == Setting.Absence.MEANS_UNSET ->
          values.put(setting, null, origin);
      case Node present ->
          convert(path, setting.type(), present, setting.isSecret())
              .ifPresent(
                  value -> {
                    if (isAllowed(path, setting, value, present.origin())) {
                      values.put(setting, value, present.origin());
                    }
                  });
    }
  }

  private <T> void readEmpty(Values values, String path, Setting<T> setting, Origin origin) {
    switch (setting.absence()) {
      case MEANS_UNSET -> values.put(setting, null, origin);
      case MEANS_DEFAULT ->
          findings.problem(
              "%s (%s): is empty. Give it a value, or take the key out for the default"
                  .formatted(path, origin.describe()));
      case IS_AN_ERROR -> findings.problem("%s (%s): is empty".formatted(path, origin.describe()));
    }
  }

  private <T> Optional<T> convert(String path, Type<T> type, Node node, boolean secret) {
    try {
      return Optional.of(type.parser().parse(node));
    } catch (Type.Unfit e) {
      String found = secret ? node.kind() : Masked.text(node.shown());
      findings.problem(
          "%s (%s): expects %s, but is %s%s"
              .formatted(path, node.origin().describe(), type.name(), found, sentence(e.advice())));
      return Optional.empty();
    }
  }

  private void complain(String path, Node node, String expected) {
    findings.problem(
        "%s (%s): expects %s, but is %s"
            .formatted(path, node.origin().describe(), expected, node.shown()));
  }

  private static String sentence(String advice) {
    return advice.isEmpty() ? "" : ". " + advice;
  }

  private <T> boolean isAllowed(String path, Setting<T> setting, T value, Origin origin) {
    List<Setting.Rule<T>> broken =
        setting.rules().stream().filter(rule -> !rule.holds().test(value)).toList();
    for (Setting.Rule<T> rule : broken) {
      String shown =
          setting.isSecret()
              ? ""
              : ", but is " + Masked.text(String.valueOf(setting.type().printer().apply(value)));
      findings.problem(
          "%s (%s): must %s%s".formatted(path, origin.describe(), rule.demand(), shown));
    }
    return broken.isEmpty();
  }
}
