package io.taskbroker.settings.reading;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
  private static final Environment ENVIRONMENT = new Environment("TASKBROKER_");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          TASKBROKER_LOG_FILTER            | log_filter
          taskbroker_log_filter            | log_filter
          Taskbroker_Log_Filter            | log_filter
          TASKBROKER_STORE__PG__HOST       | store.pg.host
          TASKBROKER_STORE.PG.HOST         | store.pg.host
          TASKBROKER_STORE__pg.HOST        | store.pg.host
          """)
  void namesLeadToKeys(String name, String path) {
    assertThat(ENVIRONMENT.read(Map.of(name, "x")).find(path)).isInstanceOf(Node.Text.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TASKBROKER_",
        "TASKBROKER_A____B",
        "TASKBROKER___A",
        "TASKBROKER_A__",
        "TASKBROKERA",
        "OTHER_A",
        "TASKBROKER_PORT",
        "TASKBROKER_SERVICE_HOST",
        "TASKBROKER_SERVICE_PORT_GRPC",
        "TASKBROKER_PORT_50051_TCP_ADDR"
      })
  void othersAreNoSettings(String name) {
    assertThat(ENVIRONMENT.read(Map.of(name, "x")).entries()).isEmpty();
  }

  @Test
  void variablesOfOneMappingAreMerged() {
    Node.Mapping read =
        ENVIRONMENT.read(
            Map.of(
                "TASKBROKER_WORKER_MAP__B", "2",
                "TASKBROKER_WORKER_MAP__A", "1",
                "TASKBROKER_WORKER_MAP", "{c=3}"));

    assertThat(Nodes.plain(read))
        .isEqualTo(Map.of("worker_map", Map.of("a", 1L, "b", 2L, "c", 3L)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          a text, with a comma        | a text, with a comma
          10.0.0.1:9092,10.0.0.2:9092 | 10.0.0.1:9092,10.0.0.2:9092
          True                        | True
          null                        | null
          1.2.3                       | 1.2.3
          5ms                         | 5ms
          [a                          | [a
          [a] b                       | [a] b
          {a}                         | {a}
          {a=1                        | {a=1
          "a                          | "a
          "a" b                       | "a" b
          "\\x"                       | "\\x"
          "\\u12"                     | "\\u12"
          'ab'                        | 'ab'
          [a,,b]                      | [a,,b]
          "5"                         | 5
          "a \\"b\\" \\\\ c"          | a "b" \\ c
          "\\u00e4\\U0001F600"        | ä😀
          'c'                         | c
          '5'                         | 5
          """)
  void texts(String text, String value) {
    assertThat(parsed(text)).isEqualTo(value);
  }

  @Test
  void escapesOfBlanks() {
    assertThat(parsed("\"\\b\\t\\n\\f\\r\"")).isEqualTo("\b\t\n\f\r");
  }

  @Test
  void otherValues() {
    assertThat(parsed("")).isNull();
    assertThat(parsed("  ")).isNull();
    assertThat(parsed(" true ")).isEqualTo(true);
    assertThat(parsed("false")).isEqualTo(false);
    assertThat(parsed("12")).isEqualTo(12L);
    assertThat(parsed("-12")).isEqualTo(-12L);
    assertThat(parsed("+12")).isEqualTo(12L);
    assertThat(parsed("1.5")).isEqualTo(1.5);
    assertThat(parsed("-.5e3")).isEqualTo(-500.0);
    assertThat(parsed("5.")).isEqualTo(5.0);
    assertThat(parsed("[a, 5, \"5\", true, [x], {k=v}]"))
        .isEqualTo(List.of("a", 5L, "5", true, List.of("x"), Map.of("k", "v")));
    assertThat(parsed("[a, b,]")).isEqualTo(List.of("a", "b"));
    assertThat(parsed("[]")).isEqualTo(List.of());
    assertThat(parsed("{}")).isEqualTo(Map.of());
    assertThat(parsed("{key=value, \"a b\" = 1,}")).isEqualTo(Map.of("key", "value", "a b", 1L));
    assertThat(parsed("{launchpad=http://127.0.0.1:50052}"))
        .isEqualTo(Map.of("launchpad", "http://127.0.0.1:50052"));
  }

  @Test
  void nestingWithoutEndIsAText() {
    String deep = "[".repeat(10_000);

    assertThat(parsed(deep)).isEqualTo(deep);
  }

  private static @Nullable Object parsed(String text) {
    return Nodes.plain(EnvironmentValue.parse(text, new Origin.InEnvironment("X")));
  }
}
