package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What stands in YAML files for Kubernetes. */
record Manifests(List<Object> all) {
  static Manifests read(Path... files) throws IOException {
    List<Object> all = new ArrayList<>();
    for (Path file : files) {
      LoaderOptions options = new LoaderOptions();
      options.setAllowDuplicateKeys(false);
      new Yaml(new SafeConstructor(options)).loadAll(Files.readString(file)).forEach(all::add);
    }
    return new Manifests(all);
  }

  /** The only one of a kind and name. */
  Object find(String kind, String name) {
    List<Object> found =
        all.stream()
            .filter(each -> kind.equals(at(each, "kind")))
            .filter(each -> name.equals(at(each, "metadata", "name")))
            .toList();
    assertThat(found).as("%s %s", kind, name).hasSize(1);
    return found.getFirst();
  }

  /** What stands behind these keys; must be there. */
  static Object at(Object node, String... keys) {
    Object here = node;
    for (String key : keys) {
      Object next = here instanceof Map<?, ?> mapping ? mapping.get(key) : null;
      if (next == null) {
        throw new AssertionError("there is no '" + key + "' in " + here);
      }
      here = next;
    }
    return here;
  }

  static String text(Object node, String... keys) {
    return at(node, keys).toString();
  }

  static List<?> list(Object node, String... keys) {
    return (List<?>) at(node, keys);
  }

  /** The item of a list that has this name. */
  static Object named(List<?> items, String name) {
    List<?> found = items.stream().filter(item -> name.equals(at(item, "name"))).toList();
    assertThat(found).as("'%s' of %s", name, items).hasSize(1);
    return found.getFirst();
  }
}
