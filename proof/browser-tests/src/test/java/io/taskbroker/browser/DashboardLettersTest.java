package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What somebody does with what Kafka has refused, and with dead letters. */
class DashboardLettersTest extends DashboardUse {
  @Test
  void whatKafkaHasRefused_isShown_retried_andDropped() {
    try (Scene scene = Scene.open()) {
      scene.broker.publisher().refuseContent(BrokerFixture.DEAD_LETTERS, "larger than it takes");
      scene.produce(pending("a").deadLettered());
      scene.produce(pending("b").deadLettered()); // of another partition, which may be read first
      scene.broker.report(scene.broker.take(), Conclusion.FAILURE);
      scene.broker.report(scene.broker.take(), Conclusion.FAILURE);
      scene.broker.await("them", () -> scene.broker.broker().vitals().depths().parked() == 2);
      browser.open(scene.url("/kafka"));
      browser.awaitText("larger than it takes");
      browser.click("[data-key=parked-rows] tbody tr:first-child .acts button:last-child");
      browser.awaitText("Drop a?");
      browser.confirm("not wanted");
      browser.await("one", () -> browser.number("[data-key=parked-rows] tr[data-row]") == 1);

      scene.broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
      browser.press("Retry all…");
      browser.awaitText("Retry the one parked row?");
      browser.confirm("mended");
      scene.broker.await(
          "the letter", () -> scene.broker.tasksIn(BrokerFixture.DEAD_LETTERS).size() == 1);
      browser.await("none", () -> browser.number("[data-key=parked-rows]") == 0);
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void aTaskWhoseDeadLetterCannotLeave_isAmongTheFailed() {
    try (Scene scene = Scene.open().lively()) {
      browser.open(scene.url("/"));
      String failed = ".figures div:last-child dd";
      browser.await("the number", () -> browser.text(failed).equals("1"));
      assertThat(browser.text(".figures div:last-child")).contains("0 since the start");
      browser.click(failed + " a");
      browser.loaded("/tasks");
      assertThat(browser.number("tr[data-row]")).isEqualTo(1);
    }
  }

  @Test
  void deadLetters_areLookedAt_requeuedAsATrial_andDropped() {
    try (Scene scene = Scene.open()) {
      for (int i = 0; i < 3; i++) {
        scene.letter("a" + i, "mail", "timeout after %d s".formatted(i));
      }
      scene.letter("b", "pay", "refused");
      browser.open(scene.url("/dead-letters"));
      browser.awaitText("4 dead letters are open");
      assertThat(browser.text()).contains("timeout after # s");

      browser.click("tbody tr:first-child th a");
      browser.await(
          "the three", () -> browser.text("section[data-key=list]").contains("Those that match"));
      assertThat(browser.text("section[data-key=list]")).contains("timeout after 2 s");
      browser.click("section[data-key=list] tbody tr:first-child a");
      browser.awaitText("Its new id then");
      assertThat(browser.text("#arguments")).doesNotContain("ann@example.org");
      browser.press("Show the values…");
      browser.confirm("a customer asks");
      browser.await("them", () -> browser.text("#arguments").contains("ann@example.org"));

      browser.open(scene.url("/dead-letters"));
      browser.click("tbody tr:first-child .acts button");
      browser.awaitText("Requeue 3 dead letters?");
      browser.click("dialog [name=most] option[value='1']");
      browser.type("dialog [name=rate]", "7");
      browser.awaitText(" --rate 7 --most 1 --reason '…' --yes");
      browser.confirm("the server is back");
      browser.awaitText("3 dead letters are open");
      browser.awaitText("Last: requeued"); // or another run could not begin
      assertThat(scene.broker.tasksIn(Scene.REQUEUED)).hasSize(1);

      assertThat(color("tbody .acts button.stop")).isNotEqualTo(color("tbody .acts .bare"));
      browser.click("tbody tr:last-child .acts button.stop");
      browser.awaitText("Drop 1 dead letter?");
      browser.confirm("it was paid");
      browser.awaitText("2 dead letters are open");
      assertThat(scene.broker.tasksIn(Scene.REQUEUED)).hasSize(1);
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void aTaskThatBecameADeadLetter_isToldAsFailed_andLeadsToIt() {
    try (Scene scene = Scene.open()) {
      scene.broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
      scene.produce(pending("lost").taskname("mail").deadLettered());
      scene.broker.report(scene.broker.take(), Conclusion.FAILURE);
      scene.broker.await(
          "the task to be over",
          () -> scene.broker.broker().operations().tasks().findEnded("lost").isPresent());
      scene.letter("lost", "mail", "timeout");

      browser.open(scene.url("/task?id=lost"));
      browser.awaitText("Over, failed");
      assertThat(browser.text()).contains("Mend the cause").doesNotContain("Nothing is to be done");
      browser.click("section[data-key=why] a");
      browser.awaitText("Once requeued, goes to");
      assertThat(browser.text("section[data-key=one]")).contains("lost", "timeout");
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void aRunOverDeadLetters_isStopped_andGoesOn() {
    try (Scene scene = Scene.open()) {
      for (int i = 0; i < 600; i++) { // one a second: longer than anybody waits here
        scene.letter("a" + i, "mail", "timeout after %d s".formatted(i));
      }
      browser.open(scene.url("/dead-letters"));
      browser.click("tbody tr:first-child .acts button");
      browser.awaitText("Requeue 600 dead letters?");
      browser.script("document.querySelector('dialog [name=rate]').value = '1'");
      browser.confirm("the server is back");
      browser.awaitText("Being requeued: ");
      browser.await(
          "how far it is, and for how long",
          () ->
              Pattern.compile("(600|59\\d) left, which takes about 10 min\\.")
                  .matcher(browser.text("[data-key=run]"))
                  .find());
      browser.screenshot("dead-letters-run-light-1280");
      browser.press("Stop…");
      browser.confirm("it is down again");
      browser.awaitText("Stopped: requeued");
      browser.press("Go on…");
      browser.confirm("it is up again");
      browser.awaitText("Being requeued: ");
      assertThat(browser.console()).isEmpty();
    }
  }
}
