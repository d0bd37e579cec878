package io.taskbroker.bootstrap;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about rules. */
class RuleCommandsTest extends OperatorsTerminal {
  @Test
  void rules_showsWhatIsInForce_andWhereItIsWritten() {
    assertThat(run("rules")).isZero();
    assertThat(out.toString()).contains("No rule is in force.", "From rules.yml, in force since");
    broker
        .rules()
        .set(
            new Rules(
                new KillSwitch(
                    Set.of("newsletter"),
                    List.of(new Selector("mail", Map.of(), Map.of("to", new Value.Text("spam"))))),
                new Demotion(Set.of("reports"), null, null)));

    assertThat(run("rules")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("drop +newsletter +always +0 +0 +-"))
        .anySatisfy(
            line -> assertThat(line).matches("drop by arguments +mail +to is \"spam\" +0 +0 +-"))
        .anySatisfy(
            line -> assertThat(line).matches("send off +reports +kafka_long_topic +0 +0 +-"));
  }

  @Test
  void aRule_isADryRunWithoutYes_andEndsByItsId() {
    broker.rules().readOrders(RuleTexts::read);
    produce(pending("a").taskname("mail"), far("b").taskname("mail"), pending("c"));

    assertThat(run("rules", "set", "--drop", "mail")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("drop +mail +always +2 +1 .*, 1 .*"))
        .contains("Nothing was changed. Add --yes to put it in force, for all that come, too.");
    assertThat(run("rules")).isZero();
    assertThat(out.toString()).contains("No rule is in force.");

    assertThat(run("rules", "set", "--drop", "mail", "--for", "2h", "--reason", "a loop", "--yes"))
        .isZero();
    assertThat(out.toString())
        .contains("In force: drop mail (always). Order ", "; because: a loop");
    broker.await("the drop", () -> stored() == 1);
    broker.time().advance(Duration.ofSeconds(2)); // numbers are some moments old
    assertThat(run("rules")).isZero();
    assertThat(out.toString()).containsPattern("drop +mail +always +0 +2 +\\w+");
    String id = broker.broker().rules().orders().getFirst().id();
    assertThat(run("rules", "end", id, "--reason", "mended")).isZero();
    assertThat(run("rules", "end", id)).isEqualTo(1);
    assertThat(err.toString()).contains("No order of rules '%s' is in force".formatted(id));
  }

  @Test
  void rules_areTriedFromAFile_andHaveToBeSaid(@TempDir Path folder) throws IOException {
    broker.rules().readOrders(RuleTexts::read);
    produce(pending("a").taskname("mail").namespace("reports"), pending("b").namespace("reports"));
    Path file =
        Files.writeString(
            folder.resolve("new.yml"),
            """
            drop_task_killswitch:
              - mail
              - name: mail
                select_kwarg: {to: spam}
            demoted_namespaces: [reports]
            demoted_topic: slow
            """);

    assertThat(run("rules", "try", "--file", file.toString())).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("drop +mail +always +1 +1 pending"))
        .anySatisfy(line -> assertThat(line).matches("drop by arguments +mail +to is .* +0 +-"))
        .anySatisfy(line -> assertThat(line).matches("send off +reports +topic 'slow' +2 .*"));
    assertThat(run("rules", "set", "--file", file.toString(), "--yes")).isEqualTo(1);
    assertThat(err.toString()).contains("an order has one rule, and this text has 3");
    assertThat(run("rules", "try")).isEqualTo(2);
    assertThat(err.toString()).contains("Say which rules");
    assertThat(run("rules", "set", "--drop", "a", "--for", "soon", "--yes")).isEqualTo(2);
    assertThat(err.toString()).contains("'soon' is no time such as 90s, 10m, 2h or 1d");
  }
}
