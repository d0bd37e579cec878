package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.settings.reading.InvalidConfigException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesReaderTest {
  private static final String NO_DEMOTION = "demoted_namespaces: []\n";
  private static final String NO_KILL_SWITCH = "drop_task_killswitch: []\n";

  @Test
  void fileWithEverything_isRead() {
    Rules rules =
        read(
            """
            drop_task_killswitch:
              - test:do_nothing
              - name: shop.tasks.unmerge
                select_arg: {0: 123}
                select_kwarg: {project_id: 123}
            demoted_namespaces:
              - bad_namespace
            demoted_topic_cluster: kafka:9092
            demoted_topic: demoted
            """);

    assertThat(rules)
        .isEqualTo(
            new Rules(
                new KillSwitch(
                    Set.of("test:do_nothing"),
                    List.of(
                        new Selector(
                            "shop.tasks.unmerge",
                            Map.of(0, whole(123)),
                            Map.of("project_id", whole(123))))),
                new Demotion(Set.of("bad_namespace"), "demoted", "kafka:9092")));
  }

  @Test
  void aliasesOfAliases_doNotFillTheMemory() {
    StringBuilder text = new StringBuilder("l0: &l0 [" + "1,".repeat(200_000) + "1]\n");
    for (int level = 1; level <= 7; level++) {
      text.append("l%1$d: &l%1$d [*l%2$d, *l%2$d, *l%2$d]\n".formatted(level, level - 1));
    }
    text.append("drop_task_killswitch: [{name: a, select_arg: {0: *l7}}]\n" + NO_DEMOTION);

    assertThatThrownBy(() -> read(text.toString()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("there are more than 1000000 values");
  }

  @Test
  void emptyListsAndValuesLeftOut_areNoRules() {
    assertThat(read(NO_KILL_SWITCH + NO_DEMOTION)).isEqualTo(Rules.NONE);
    assertThat(read("drop_task_killswitch:\ndemoted_namespaces:\ndemoted_topic:\n"))
        .isEqualTo(Rules.NONE);
  }

  @Test
  void unknownKeys_areIgnored() {
    assertThat(read(NO_KILL_SWITCH + NO_DEMOTION + "other: {a: [1]}\n? [odd]\n: 1\n"))
        .isEqualTo(Rules.NONE);
    assertThat(selector("other: 1")).isEqualTo(new Selector("t", Map.of(), Map.of()));
  }

  @Test
  void namespaces_areTextWhateverTheyLookLike() {
    assertThat(
            read(NO_KILL_SWITCH + "demoted_namespaces:\n- \n- 123\n- null\n- true\n- 0x1\n")
                .demotion()
                .namespaces())
        .containsExactlyInAnyOrder("", "123", "null", "true", "0x1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "123              | Whole[value=123]",
        "-5               | Whole[value=-5]",
        "18446744073709551615 | Whole[value=18446744073709551615]",
        "123.0            | Real[value=123.0]",
        ".nan             | Real[value=NaN]",
        "abc              | Text[value=abc]",
        "\"123\"          | Text[value=123]",
        "yes              | Text[value=yes]",
        "TRUE             | Bool[value=true]",
        "~                | Null[]",
        "null             | Null[]",
        "[1, [a]]         | Sequence[elements=[Whole[value=1], Sequence[elements=[Text[value=a]]]]]",
        "{1: a}           | Mapping[entries={Whole[value=1]=Text[value=a]}]",
      })
  void values_areTyped(String yaml, String value) {
    assertThat(selector("select_kwarg: {k: %s}".formatted(yaml)).named().get("k"))
        .hasToString(value);
  }

  @Test
  void valueLeftOut_isNull() {
    assertThat(selector("select_kwarg: {k: }").named()).containsEntry("k", new Value.Null());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select_arg: {\"0\": 1}",
        "select_arg: {-1: 1}",
        "select_arg: {a: 1}",
        "select_arg: {1.0: 1}",
        "select_arg: {[1]: 1}",
        "select_arg: {2147483648: 1}",
        "select_arg: {1: 1, 0x1: 1}",
        "select_arg: [1]",
        "select_arg: null",
        "select_kwarg: {1: 1}",
        "select_kwarg: {a: 1, a: 2}",
        "select_kwarg: x"
      })
  void badSelector_isRefused_withItsLine(String line) {
    String key = line.substring(0, line.indexOf(':'));

    assertThatThrownBy(() -> selector(line)).hasMessageContaining("rules.yml:3: " + key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"- 1", "- true", "- null", "- ~", "-", "- [a]", "- {select_arg: {0: 1}}"})
  void badRule_isRefused(String item) {
    assertProblem(NO_DEMOTION + "drop_task_killswitch:\n" + item + "\n", "rules.yml:3: ");
  }

  @Test
  void nameOfARule_isAText() {
    assertProblem(
        NO_DEMOTION + "drop_task_killswitch:\n- name: 1\n",
        "rules.yml:3: name expects a text, but is the number 1");
  }

  @Test
  void missingKey_isNamed() {
    assertProblem(NO_DEMOTION, "drop_task_killswitch is missing");
    assertProblem(NO_KILL_SWITCH + "demoted_namespace: []", "demoted_namespaces is missing");
    assertProblem("", "is empty");
    assertProblem("# nothing\n", "is empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "~", "a", "''", "{a: b}"})
  void requiredListThatIsNone_isRefused(String value) {
    assertProblem(
        NO_KILL_SWITCH + "demoted_namespaces: " + value,
        "rules.yml:2: demoted_namespaces expects a list, but is");
    assertProblem(
        NO_DEMOTION + "drop_task_killswitch: " + value,
        "rules.yml:2: drop_task_killswitch expects a list, but is");
  }

  @Test
  void addressThatIsNone_isRefused() {
    assertProblem(
        NO_KILL_SWITCH + NO_DEMOTION + "demoted_topic_cluster: 'a:b:c'",
        "rules.yml:3: demoted_topic_cluster address must be");
    assertProblem(
        NO_KILL_SWITCH + NO_DEMOTION + "demoted_topic: ''",
        "rules.yml:3: demoted_topic must not be blank");
  }

  @Test
  void whatIsNoMapping_isRefused() {
    assertProblem("- a", "rules.yml:1: the file expects a mapping");
    assertProblem("a: [", "is not YAML");
    assertProblem("a: 1\na: 2\n", "rules.yml:2: a is there twice");
    assertThatThrownBy(
            () ->
                RulesReader.read(
                    Path.of("rules.yml"), ByteBuffer.wrap(new byte[] {'a', (byte) 0xff})))
        .hasMessageContaining("is not UTF-8");
  }

  @Test
  void valueThatContainsItself_isRefused() {
    assertThatThrownBy(() -> selector("select_kwarg: {k: &a [*a]}"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("rules.yml:3")
        .hasMessageContaining("nested");
  }

  @Test
  void someRules_areReadWithoutTheOtherList_andMeanTheSame() {
    assertThat(RulesReader.readSome("drop_task_killswitch: [{name: t, select_arg: {0: 1}}]"))
        .isEqualTo(
            new Rules(
                new KillSwitch(Set.of(), List.of(new Selector("t", Map.of(0, whole(1)), Map.of()))),
                Demotion.NONE));
    assertThat(RulesReader.readSome("{\"demoted_namespaces\": [\"a: \\u00fc\"]}"))
        .isEqualTo(new Rules(KillSwitch.OFF, new Demotion(Set.of("a: ü"), null, null)));
    assertThat(RulesReader.readSome("")).isEqualTo(Rules.NONE);
    assertThat(RulesReader.readSome("demoted_topic: slow").demotion().topic()).isEqualTo("slow");
  }

  @Test
  void amongSomeRules_whatNobodyKnows_isRefused() {
    assertThatThrownBy(() -> RulesReader.readSome("drop_task_kilswitch: [a]"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("rules:1: drop_task_kilswitch is not known");
    assertThatThrownBy(() -> RulesReader.readSome("drop_task_killswitch: [1]"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("expects a text");
    assertThatThrownBy(() -> RulesReader.readSome("- a"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("the text expects a mapping");
  }

  private static void assertProblem(String yaml, String problem) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining(problem);
  }

  private static Selector selector(String line) {
    return read("drop_task_killswitch:\n- name: t\n  " + line + "\n" + NO_DEMOTION)
        .killSwitch()
        .selectors()
        .getFirst();
  }

  private static Rules read(String yaml) {
    return RulesReader.read(Path.of("rules.yml"), StandardCharsets.UTF_8.encode(yaml));
  }

  private static Value whole(long number) {
    return new Value.Whole(BigInteger.valueOf(number));
  }
}
