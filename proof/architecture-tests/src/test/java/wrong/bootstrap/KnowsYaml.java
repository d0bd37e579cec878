package wrong.bootstrap;

import org.yaml.snakeyaml.Yaml;

/** A server that reads its own settings. */
final class KnowsYaml {
  Object settings(String text) {
    return new Yaml().load(text);
  }
}
