package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.operations.Order;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.Act;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** What somebody does with tasks, and what becomes of it in the broker. */
class DashboardTasksTest extends DashboardUse {
  @Test
  void tasks_areFound_turnedOver_andOpened() {
    try (Scene scene = Scene.open().lively()) {
      browser.open(scene.url("/tasks"));
      assertThat(browser.number("tr[data-row]")).isEqualTo(50);
      browser.press("Younger");
      browser.await("the second page", () -> browser.number("tr[data-row]") == 15);
      browser.press("Older");
      browser.await("the first page", () -> browser.number("tr[data-row]") == 50);

      browser.type("[name=task]", "send_reminder", Keys.ENTER);
      browser.await("the only one", () -> browser.number("tr[data-row]") == 1);
      assertThat(browser.url()).contains("task=send_reminder");
      browser.click("tr[data-row] a.id");
      browser.loaded("/task");
      assertThat(browser.text()).contains("Its delay is over in");
      browser.type(".find input", "e01", Keys.ENTER);
      browser.awaitText("A worker reported that it failed.");
      assertThat(browser.number("tr[data-row]")).isEqualTo(1);
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void tasks_areFoundByTheirAge() {
    try (Scene scene = Scene.open()) {
      long start = scene.broker.time().now().wallMs();
      scene.produce(
          pending("old").receivedAt(start - Duration.ofHours(2).toMillis()), pending("new"));
      browser.open(scene.url("/tasks"));
      browser.await("both", () -> browser.number("tr[data-row]") == 2);
      browser.click("[name=older_than_seconds] option[value='3600']");
      browser.await("the old one", () -> browser.number("tr[data-row]") == 1);
      assertThat(browser.url()).contains("older_than_seconds=3600");
      browser.press("Cancel…");
      browser.awaitText("--older-than 3600s");
      browser.confirm("too old");
      browser.awaitText("Cancelled: 1 task.");
      assertThat(scene.has("new", "PENDING")).isTrue();

      browser.open(scene.url("/tasks?older_than_seconds=90"));
      browser.await("none", () -> browser.number("tr[data-row]") == 0);
      assertThat(browser.text("[name=older_than_seconds] option:checked")).isEqualTo("90 s");
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void aFilterThatFindsNothing_saysHowItIsCleared() {
    try (Scene scene = Scene.open().lively()) {
      browser.open(scene.url("/tasks?application=nobody"));
      assertThat(browser.text()).contains("No task matches", "1 filter is set");
      browser.click(".panel a[href='/tasks']");
      browser.await("all tasks", () -> browser.number("tr[data-row]") == 50);
    }
  }

  @Test
  void someTasks_andAllThatMatch_areCancelled() {
    try (Scene scene = Scene.open().lively()) {
      browser.open(scene.url("/tasks?application=shop&task=unsubscribe"));
      browser.click("tr[data-row]:nth-child(1) [type=checkbox]");
      browser.click("tr[data-row]:nth-child(2) [type=checkbox]");
      browser.awaitText("2 selected");
      browser.press("Cancel…");
      browser.awaitText("Cancel 2 tasks?");
      browser.awaitText("They end without another attempt.");
      browser.confirm("not wanted");
      browser.awaitText("Cancelled: 2 tasks.");
      assertThat(scene.stored()).isEqualTo(63);

      browser.press("Cancel…");
      browser.awaitText("Cancel 28 tasks?");
      assertThat(browser.text()).contains("A dry run. Nothing has been done yet.");
      assertThat(scene.stored()).isEqualTo(63);
      browser.confirm("not wanted either");
      browser.awaitText("No task matches");
      assertThat(scene.stored()).isEqualTo(35);
      assertThat(scene.broker.broker().operations().audit().getFirst().reason())
          .isEqualTo("not wanted either");
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void anActWithoutAReason_isNotSent() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"));
      browser.open(scene.url("/task?id=a"));
      browser.press("Cancel…");
      browser.click("dialog .go");
      assertThat(browser.number("dialog[open]")).isEqualTo(1);
      browser.keys(Keys.ESCAPE);
      browser.await("the end of the question", () -> browser.number("dialog") == 0);
      browser.await(
          "the focus where it was",
          () -> "Cancel…".equals(browser.script("return document.activeElement.textContent")));
      assertThat(scene.stored()).isEqualTo(1);
    }
  }

  @Test
  void eachAct_isDoneToTheTaskThatItIsFor() {
    try (Scene scene = Scene.open().lively()) {
      act(scene, "0198f3a2-4d70-7a1c-97e2-5bd01f7c6e24", "Run now…");
      assertThat(scene.has("0198f3a2-4d70-7a1c-97e2-5bd01f7c6e24", "PENDING")).isTrue();
      act(scene, "0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e02", "Give back…");
      assertThat(scene.has("0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e02", "PENDING")).isTrue();
      act(scene, "0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e01", "Requeue…");
      assertThat(scene.has("0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e01", "PENDING")).isTrue();
      act(scene, "0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e01", "End as complete…");
      browser.awaitText("It is over");
      browser.await(
          "nothing that can be done", () -> browser.number(".do button:not(:disabled)") == 0);

      browser.open(scene.url("/audit"));
      assertThat(browser.text()).contains("4 orders were given", "requeue task", "for a test");
    }
  }

  private static void act(Scene scene, String id, String words) {
    browser.open(scene.url("/task?id=" + id));
    browser.press(words);
    browser.confirm("for a test");
    browser.awaitText("1 task.");
  }

  @Test
  void aFailedTaskThatIsKept_isFound_saysWhy_andIsTriedAgain() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("kept"));
      scene.broker.report(scene.broker.take(), Conclusion.FAILURE);
      scene.broker.await(
          "the task to be over",
          () -> scene.broker.broker().operations().tasks().findEnded("kept").isPresent());

      browser.open(scene.url("/"));
      browser.awaitText("All is well: nothing waits");
      browser.open(scene.url("/task?id=kept"));
      browser.awaitText("its producer wants no dead letter");
      act(scene, "kept", "Requeue…");

      assertThat(scene.has("kept", "PENDING")).isTrue();
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void aTaskThatSomebodyHasCancelled_saysWho_andWhy() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").application("shop"), pending("b").application("shop"));
      scene.broker.time().advance(Duration.ofSeconds(65));
      browser.open(scene.url("/"));
      browser.awaitText("Backlog by application");
      assertThat(browser.text("section[data-key=backlog] tbody tr")).contains("shop 2 65 s");

      scene.broker.broker().operations().act(new Order("ann", "paid by hand"), Act.CANCEL, "a");

      browser.open(scene.url("/task?id=a"));
      browser.awaitText("It is over: ann has cancelled it, because: paid by hand.");
      assertThat(browser.text("section[data-key=story]"))
          .containsPattern("ann ordered: cancel\\s+Paid by hand[.]");
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void whatCameInBetween_isSaidWhereTheQuestionWas() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").atMostOnce());
      browser.open(scene.url("/task?id=a"));
      browser.press("Cancel…");
      scene.broker.take();
      browser.type("dialog [name=reason]", "too late");
      browser.click("dialog .go");
      browser.awaitText("runs at most once, and a worker may have begun it");
      assertThat(browser.number("dialog[open]")).isEqualTo(1);
      browser.press("Leave it");
      browser.awaitText("Not possible: it runs at most once");
    }
  }

  @Test
  void arguments_areMasked_untilSomebodyGivesAReason() {
    try (Scene scene = Scene.open()) {
      scene.produce(
          pending("a").payload(Scene.sent(Map.of("tenant", "eu-2"), "ann@example.org", "en_GB")));
      browser.open(scene.url("/task?id=a"));
      browser.awaitText("text, 15 characters");
      assertThat(browser.text()).contains("number, 8 characters", "tenant", "2 of 5");
      assertThat(browser.text(".headers tbody")).contains("tenant").doesNotContain("broker");
      assertThat(browser.text()).doesNotContain("ann@example.org", "eu-2");

      browser.press("Show the values…");
      browser.confirm("a complaint");
      browser.awaitText("\"ann@example.org\"");
      assertThat(browser.text()).contains("70000001", "eu-2");
      browser.click(".tabs a[href='/audit']");
      browser.awaitText("show the arguments of task 'a'");
      assertThat(browser.text()).contains("a complaint");
      assertThat(browser.console()).isEmpty();
    }
  }
}
