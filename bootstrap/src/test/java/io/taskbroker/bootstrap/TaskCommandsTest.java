package io.taskbroker.bootstrap;

import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The commands that show tasks. */
class TaskCommandsTest extends OperatorsTerminal {
  @Test
  void queues_tasks_andATask_areShown() {
    produce(
        pending("a\u001b[31m").application("shop").taskname("mail"),
        far("b").application("shop").taskname("pay"));

    assertThat(run("queues")).isZero();
    assertThat(out.toString().lines().skip(1))
        .anySatisfy(line -> assertThat(line).matches("shop +\\S+ +mail +1 +0 s +0 +0 +0 +0 +0"))
        .anySatisfy(line -> assertThat(line).matches("shop +\\S+ +pay +0 +- +1 +0 +0 +0 +0"));
    assertThat(run("tasks", "--application", "shop", "--state", "pending")).isZero();
    assertThat(out.toString()).contains("a\\u001b[31m").doesNotContain("\u001b");
    assertThat(run("tasks", "--application", "bank")).isEqualTo(1);
    assertThat(out.toString()).contains("No such task is stored.");
    assertThat(run("tasks", "--state", "delayed")).isZero();
    assertThat(out.toString()).contains("due 2026-03-02T12:10:00Z");
    assertThat(run("tasks", "--limit", "1")).isZero();
    assertThat(out.toString()).contains("There may be more");
    assertThat(run("task", "b")).isZero();
    assertThat(out.toString()).contains("delayed until", "its delay is over in 10 min");
    assertThat(run("tasks", "--json", "--id-part", "b")).isZero();
    assertThat(out.toString()).startsWith("{").contains("\"id\" : \"b\"");
  }

  @Test
  void tasks_areFoundByTheirAge_andEndedByIt() {
    produce(pending("old").receivedAt(SettableTime.START.wallMs() - 600_000), pending("new"));

    assertThat(run("tasks", "--older-than", "10m")).isZero();
    assertThat(out.toString()).contains("old").doesNotContain("new");
    assertThat(run("tasks", "--older-than", "11m")).isEqualTo(1);
    assertThat(run("tasks", "--older-than", "soon")).isEqualTo(2);
    assertThat(run("cancel", "--older-than", "1m", "--yes")).isZero();
    assertThat(out.toString()).contains("1 task was cancelled");
    assertThat(run("tasks")).isZero();
    assertThat(out.toString()).contains("new").doesNotContain("old ");
  }

  @Test
  void aTask_isShownWithItsArguments_byKind_orAsTheyAreForAReason() {
    produce(pending("a").payload("[\"ann@example.org\"]".getBytes(UTF_8)));

    assertThat(run("task", "a")).isZero();
    assertThat(out.toString())
        .contains("Arguments (", "text, 15 characters", "Kinds and lengths only. --arguments")
        .containsPattern("trace +text, 10 characters")
        .doesNotContain("ann@example.org");
    assertThat(run("task", "a", "--arguments", "--reason", "a customer asks")).isZero();
    assertThat(out.toString())
        .contains("\"ann@example.org\"")
        .containsPattern("trace +00-7c1f-01")
        .doesNotContain("Kinds and lengths only");
    assertThat(run("audit")).isZero();
    assertThat(out.toString()).contains("show the arguments of task 'a'", "a customer asks");
  }

  @Test
  void aTaskThatHasFailed_saysWhy_inALineForEachFact() {
    produce(pending("a"));
    broker.report(broker.take(), Conclusion.FAILURE);
    broker.await("its end", () -> broker.broker().vitals().flow().ended() == 1);

    assertThat(run("task", "a")).isZero();

    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("failure cause +reported"))
        .anySatisfy(line -> assertThat(line).matches("failure at +2026-.*"))
        .noneSatisfy(line -> assertThat(line).contains("\\n"));
  }

  @Test
  void queues_sayHowLongTasksWaitedAndRan_andWhatComesAndGoes() {
    assertThat(run("queues")).isZero();
    produce(pending("b").application("shop"));
    broker.report(broker.take(), Conclusion.COMPLETE);
    broker.await("its end", () -> broker.broker().vitals().flow().ended() == 1);
    produce(pending("a").application("shop").taskname("mail"));
    broker.time().advance(Duration.ofSeconds(6));

    assertThat(run("queues")).isZero();

    assertThat(out.toString().lines())
        .anySatisfy(
            line -> assertThat(line).matches("shop +1 +0[.]333 +0[.]167 +never, at these rates"))
        .anySatisfy(line -> assertThat(line).matches("shop +orders +mail +1 +6 s +0 +0 +0 +0 +0"));
    assertThat(out.toString()).contains("Ended in the last 6 s:");
  }

  @Test
  void upcoming_listsWhatRunsNext() {
    assertThat(run("upcoming")).isZero();
    assertThat(out.toString()).contains("No task is delayed.");
    produce(far("b").taskname("pay"), pending("now"));

    assertThat(run("upcoming")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("2026-03-02T12:10:00Z +shop +orders +pay +b"));
  }

  @Test
  void tasksThatHaveEnded_areListed() {
    produce(pending("a"));
    run("cancel", "a");

    assertThat(run("tasks", "--state", "complete", "--outcome", "cancelled")).isZero();
    assertThat(out.toString()).containsPattern("a +.* cancelled ");
    assertThat(run("tasks", "--state", "complete", "--outcome", "retried")).isEqualTo(1);
    assertThat(run("task", "a")).isZero();
    assertThat(out.toString()).contains("outcome", "local has cancelled it");
  }

  @Test
  void theWordsOfThePage_areStates_too() {
    produce(pending("a"), far("b"));

    assertThat(run("tasks", "--state", "waiting")).isZero();
    assertThat(out.toString()).contains("a ").doesNotContain("b ");
    assertThat(run("tasks", "--state", "over")).isEqualTo(1);
    assertThat(out.toString()).contains("for store.keep_ended_for");
    assertThat(run("tasks", "--state", "wait")).isEqualTo(2);
    assertThat(err.toString()).contains("'wait' is none of delayed, pending (or waiting)");
  }

  @Test
  void thePartOfAnId_isNoTask_butTheTasksThatHaveIt_areOffered() {
    produce(pending("8bca84f9-1"), pending("8bca84f9-2"));

    for (String command : List.of("task", "why")) {
      assertThat(run(command, "8bca84f9")).isEqualTo(1);
      assertThat(err.toString())
          .contains("Ids with '8bca84f9' in them: 8bca84f9-1, 8bca84f9-2.")
          .contains("taskbroker tasks --id-part 8bca84f9");
      assertThat(run(command, "9")).as("contained, too").isEqualTo(1);
      assertThat(run(command, "nobody")).isEqualTo(1);
      assertThat(err.toString()).contains("store.keep_ended_for").doesNotContain("Ids with");
    }
  }
}
