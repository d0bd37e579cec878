package io.taskbroker.bootstrap;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The commands that do something to tasks. */
class OrderCommandsTest extends OperatorsTerminal {
  @Test
  void anOrderAboutOneTask_isCarriedOut_andRefusedInWords() {
    produce(far("a"));

    assertThat(run("run-now", "a", "--reason", "a customer waits")).isZero();
    assertThat(out.toString()).contains("Task 'a': run now, done");
    assertThat(run("run-now", "a")).isEqualTo(1);
    assertThat(out.toString()).contains("is waiting, and");
    assertThat(run("audit")).isZero();
    assertThat(out.toString()).contains("run now task 'a'", "a customer waits", "local");
  }

  @Test
  void anOrderAboutSeveral_isADryRunWithoutYes() {
    produce(
        pending("a").application("shop"),
        pending("b").application("shop"),
        pending("c").application("bank"));

    assertThat(run("cancel", "--application", "shop")).isZero();
    assertThat(out.toString()).contains("2 tasks would be cancelled", "Add --yes");
    assertThat(run("cancel", "a", "b")).isZero();
    assertThat(stored()).isEqualTo(3);

    assertThat(run("cancel", "--application", "shop", "--yes")).isZero();
    assertThat(out.toString()).contains("2 tasks were cancelled");
    assertThat(stored()).isEqualTo(1);
    assertThat(run("cancel", "--application", "shop", "--yes")).isEqualTo(1);
    assertThat(run("cancel", "c", "unknown", "--yes")).isEqualTo(1);
    assertThat(stored()).isZero();
  }

  @Test
  void anOrderThatIsAboutNoTask_saysSo_andExitsWith1() {
    produce(pending("a").application("shop"));

    for (String yes : List.of("--yes", "--reason=none")) {
      assertThat(run("run-now", "--application", "shpo", yes)).isEqualTo(1);
      assertThat(out.toString())
          .contains("Nothing matched: no such task is stored.")
          .contains("No task that is stored has the application 'shpo'. Did you mean 'shop'?");
      assertThat(run("run-now", "--application", "shop", yes)).isEqualTo(1);
      assertThat(out.toString())
          .contains("1 task is in a state in which run-now means nothing")
          .doesNotContain("Add --yes");
    }
  }

  @Test
  void whichTasks_hasToBeSaid() {
    assertThat(run("cancel")).isEqualTo(2);
    assertThat(run("cancel", "a", "--application", "shop")).isEqualTo(2);
    assertThat(err.toString()).contains("Name one ID or several");
    assertThat(run("tasks", "--limit", "0")).isEqualTo(2);
  }

  @Test
  void theBeginningOfAnId_isEnoughForAnOrder_ifNoOtherIdHasIt() {
    produce(pending("8bca84f9-1"), pending("8bca84f9-2"), pending("77aa0000-1"));

    assertThat(run("cancel", "8bca84f9", "--reason", "a slip")).isEqualTo(1);
    assertThat(out.toString())
        .contains("'8bca84f9' is the beginning of several ids: 8bca84f9-1, 8bca84f9-2.");
    assertThat(run("cancel", "77a")).as("too short to be meant").isEqualTo(1);
    assertThat(run("cancel", "aa0000-1")).as("no beginning").isEqualTo(1);
    assertThat(run("tasks", "--id-part", "77aa0000-1")).isZero();

    assertThat(run("cancel", "77aa", "--reason", "sent twice")).isZero();

    assertThat(out.toString()).contains("Task '77aa0000-1': cancel, done");
    assertThat(run("task", "77aa0000-1")).isZero();
    assertThat(out.toString())
        .contains("cancel task '77aa0000-1' (sent twice)")
        .contains("has cancelled it, because: sent twice");
    assertThat(run("cancel", "8bca84f9-1")).as("the whole one").isZero();
  }

  @Test
  void anAuditWithoutAnEntry_saysSinceWhen() {
    assertThat(run("audit")).isZero();
    assertThat(out.toString()).contains("since it started", "taskbroker::audit");
  }
}
