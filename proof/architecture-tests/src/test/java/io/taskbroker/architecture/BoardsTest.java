package io.taskbroker.architecture;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The boards and alerts of {@code deploy} ask for metrics and labels that there are. */
class BoardsTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Path ALERTS = ROOT.resolve("deploy/prometheus/taskbroker-alerts.yml");
  private static final Path BOARD = ROOT.resolve("deploy/grafana/taskbroker.json");

  /** Name, type, tags, when. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([^`]+)` \\| ([cgh]) \\| ([^|]+) \\| ([a-z]+) \\| .+ \\|$");

  private static final Pattern SELECTOR = Pattern.compile("(taskbroker_\\w+)(?:\\{([^}]*)})?");
  private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)\\s*\"");
  private static final Pattern GROUPING = Pattern.compile("\\bby \\(([^)]*)\\)");
  private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| (`[^|]+) \\|");
  private static final Pattern CODE = Pattern.compile("`([a-z_]+(?:\\.[a-z_]+)*)`");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{2,4} (.+)$");

  /** Those that Prometheus adds, and those of histograms. */
  private static final Set<String> OTHER_LABELS = Set.of("job", "instance", "le");

  private final Map<String, Set<String>> registry = registry(text("docs/metrics.md"));

  private static String text(String document) {
    try {
      return Files.readString(ROOT.resolve(document));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The labels of each name that Prometheus sees. */
  private static Map<String, Set<String>> registry(String document) {
    Map<String, Set<String>> names = new TreeMap<>();
    Matcher row = ROW.matcher(document);
    while (row.find()) {
      if (row.group(4).equals("never")) {
        continue;
      }
      String name = "taskbroker_" + row.group(1).replace('.', '_');
      Set<String> labels = new TreeSet<>(OTHER_LABELS);
      Stream.of(row.group(3).split(", ", -1)).filter(tag -> !tag.equals("–")).forEach(labels::add);
      switch (row.group(2)) {
        case "c" -> names.put(name + "_total", labels);
        case "g" -> names.put(name, labels);
        default ->
            Stream.of("_bucket", "_sum", "_count").forEach(end -> names.put(name + end, labels));
      }
    }
    return names;
  }

  private static Object read(Path file) throws IOException {
    return new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
  }

  /** All texts under one of these keys, however deep. */
  private static void collect(Object node, Set<String> keys, List<String> into) {
    if (node instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> {
            if (value instanceof String text && keys.contains(String.valueOf(key))) {
              into.add(text);
            } else {
              collect(value, keys, into);
            }
          });
    } else if (node instanceof List<?> list) {
      list.forEach(one -> collect(one, keys, into));
    }
  }

  private static List<String> queries(Path file) throws IOException {
    List<String> all = new ArrayList<>();
    collect(read(file), Set.of("expr", "query", "definition"), all);
    return all;
  }

  private Set<String> wrongIn(Collection<String> queries) {
    Set<String> wrong = new TreeSet<>();
    queries.forEach(query -> check(query, wrong));
    return wrong;
  }

  private void check(String query, Set<String> wrong) {
    Set<String> known = new TreeSet<>();
    Matcher selector = SELECTOR.matcher(query);
    while (selector.find()) {
      Set<String> labels = registry.get(selector.group(1));
      if (labels == null) {
        wrong.add("no metric %s, in %s".formatted(selector.group(1), query));
        continue;
      }
      known.addAll(labels);
      String conditions = selector.group(2) == null ? "" : selector.group(2);
      LABEL
          .matcher(conditions)
          .results()
          .map(found -> found.group(1))
          .filter(label -> !labels.contains(label))
          .forEach(label -> wrong.add("%s has no label %s".formatted(selector.group(1), label)));
    }
    GROUPING
        .matcher(query)
        .results()
        .flatMap(found -> Arrays.stream(found.group(1).split(",\\s*", -1)))
        .filter(label -> !known.contains(label))
        .forEach(label -> wrong.add("no label %s, in %s".formatted(label, query)));
  }

  @Test
  void whatTheyAskFor_isThere() throws IOException {
    List<String> queries = new ArrayList<>(queries(ALERTS));
    queries.addAll(queries(BOARD));

    assertThat(wrongIn(queries)).isEmpty();
    assertThat(queries).hasSizeGreaterThan(60);
  }

  @Test
  void aWrongQuery_isFound() {
    List<String> queries =
        List.of(
            "rate(taskbroker_task_outcome[5m])", // a counter without its end
            "taskbroker_outbox_depth{lane=\"retry\"}", // that is outbox.age.sec
            "sum by (lane) (taskbroker_outbox_depth)");

    assertThat(wrongIn(queries)).hasSize(queries.size());
  }

  /** Somebody is woken by it: it says what has happened, what that means, and what to do. */
  @Test
  void anAlert_saysWhatItMeans_andLeadsToItsSection() throws IOException {
    String operations = text("docs/operations.md");
    Set<String> anchors =
        HEADING
            .matcher(operations)
            .results()
            .map(heading -> anchor(heading.group(1)))
            .collect(Collectors.toSet());
    for (Map<?, ?> alert : alerts()) {
      String name = String.valueOf(alert.get("alert"));
      Map<?, ?> said = (Map<?, ?>) requireNonNull(alert.get("annotations"), name);
      assertThat(said.keySet().stream().map(String::valueOf))
          .as(name)
          .containsExactlyInAnyOrder("summary", "meaning", "action", "runbook");
      assertThat(anchors)
          .as("the section of %s", name)
          .contains(String.valueOf(said.get("runbook")).replace("docs/operations.md#", ""));
      assertThat(operations).as("docs/operations.md").contains("`" + name + "`");
    }
  }

  private static List<Map<?, ?>> alerts() throws IOException {
    List<Map<?, ?>> all = new ArrayList<>();
    for (Map<?, ?> group : maps(((Map<?, ?>) read(ALERTS)).get("groups"))) {
      all.addAll(maps(group.get("rules")));
    }
    assertThat(all).isNotEmpty();
    return all;
  }

  private static List<Map<?, ?>> maps(@Nullable Object list) {
    List<Map<?, ?>> all = new ArrayList<>();
    ((List<?>) requireNonNull(list)).forEach(one -> all.add((Map<?, ?>) one));
    return all;
  }

  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-');
  }

  /** What docs/operations.md wants on a dashboard is on ours. */
  @Test
  void theBoard_hasWhatTheDocumentWantsOnOne() throws IOException {
    String operations = text("docs/operations.md");
    int from = operations.indexOf("\n## Metrics\n");
    String section = operations.substring(from, operations.indexOf("\n## ", from + 1));
    String asked = String.join("\n", queries(BOARD));
    List<String> metrics =
        FIRST_CELL
            .matcher(section)
            .results()
            .flatMap(cell -> CODE.matcher(cell.group(1)).results())
            .map(code -> "taskbroker_" + code.group(1).replace('.', '_'))
            .filter(this::isKnown)
            .toList();

    assertThat(metrics).hasSizeGreaterThan(15);
    assertThat(metrics).allSatisfy(name -> assertThat(asked).contains(name));
  }

  private boolean isKnown(String name) {
    return registry.keySet().stream()
        .anyMatch(known -> known.equals(name) || known.startsWith(name + "_"));
  }
}
