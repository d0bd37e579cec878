package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What somebody does with queues, pauses and drains, and what becomes of it in the broker. */
class DashboardQueuesTest extends DashboardUse {
  @Test
  void anApplication_isPaused_andResumed() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").application("shop"), pending("b").application("bank"));
      browser.open(scene.url("/queues"));
      browser.click("tr[data-key='[\"shop\"]'] .acts button");
      browser.awaitText("Pause shop?");
      browser.confirm("a deploy");

      browser.await(
          "the pause", () -> browser.text("tr[data-key='[\"shop\"]']").contains("Paused"));
      assertThat(scene.broker.broker().operations().pauses())
          .singleElement()
          .satisfies(
              pause -> {
                assertThat(pause.target().application()).isEqualTo("shop");
                assertThat(pause.reason()).isEqualTo("a deploy");
              });
      assertThat(scene.broker.take().claim().activation().id()).isEqualTo("b");
      assertThat(scene.broker.next()).isEmpty();

      browser.click("tr[data-key='[\"shop\"]'] .acts button");
      browser.awaitText("Resume shop?");
      browser.awaitText("taskbroker resume --application shop --reason '…'");
      browser.confirm("it is done");
      browser.awaitText("Nothing is paused.");
      assertThat(scene.broker.take().claim().activation().id()).isEqualTo("a");
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void aTopic_isPausedForAWhile_byItsName_andTheQueuesAreFiltered() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").taskname("pay"), pending("b").taskname("mail"));
      browser.open(scene.url("/queues"));
      browser.type(".filters input", "pay");
      browser.await("the filter", () -> !browser.text("tbody").contains("mail"));
      browser.press("Pause by name…");
      browser.type("dialog [name=topic]", BrokerFixture.TOPIC);
      browser.script("document.querySelector('dialog [name=for]').value = '600'");
      browser.confirm("Kafka moves");

      browser.awaitText("topic taskworker");
      assertThat(scene.broker.broker().operations().pauses())
          .singleElement()
          .satisfies(
              pause ->
                  assertThat(pause.untilMs()).isEqualTo(Long.valueOf(pause.sinceMs() + 600_000)));
      assertThat(scene.broker.next()).isEmpty();
    }
  }

  @Test
  void queues_tellHowLongTasksWaitedAndRan_andWhenTheyWillBeDone() {
    try (Scene scene = Scene.open()) {
      browser.open(scene.url("/queues"));
      assertThat(browser.text()).contains("No task has ended in the last minutes.");
      scene.produce(pending("a"), pending("b"), pending("c"), pending("d"));
      scene.broker.time().advance(Duration.ofSeconds(6));
      browser.await("what came", () -> browser.text("tbody tr").contains("0.7, 0.0"));
      for (int i = 0; i < 3; i++) {
        Delivered task = scene.broker.take();
        scene.broker.time().advance(Duration.ofSeconds(2));
        scene.broker.report(task, Conclusion.COMPLETE);
      }
      scene.broker.await("their ends", () -> scene.broker.broker().vitals().flow().ended() == 3);
      scene.broker.time().advance(Duration.ofSeconds(5));
      browser.await(
          "their times", () -> browser.text("section[data-key=times]").contains("send_receipt"));

      assertThat(browser.text("section[data-key=times] tbody tr")).contains("3", "shop", "2.0 s");
      browser.assertSound("/queues");
    }
  }

  @Test
  void theOldestTask_isTheSameInTheFigureAndInItsRow_alsoIfAWorkerHadIt() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"));
      scene.broker.take();
      scene.broker.time().advance(Duration.ofSeconds(24)); // its deadline is over
      scene.broker.await("it to come back", () -> scene.has("a", "PENDING"));

      browser.open(scene.url("/"));
      browser.await(
          "the figure", () -> browser.text(".figures div:nth-child(2) dd").equals("24 s"));
      assertThat(browser.text("[data-key=backlog] td[data-l=Oldest]")).isEqualTo("24 s");
    }
  }

  @Test
  void whatRunsNext_isInOrder_andMayRunAtOnce() {
    try (Scene scene = Scene.open()) {
      browser.open(scene.url("/"));
      browser.keys("gl");
      browser.awaitText("Nothing waits for its time");
      assertThat(browser.text()).contains("How a task comes here", "taskbroker upcoming");

      long start = scene.broker.time().now().wallMs();
      scene.produce(
          delayed("in-2-h", start + Duration.ofHours(2).toMillis()).application("billing"),
          delayed("in-10-min", start + Duration.ofMinutes(10).toMillis()));
      browser.awaitText("2 tasks wait for their time");
      assertThat(browser.text()).contains("1 within the hour, 1 later", "the next is due in");
      assertThat(browser.text("section[data-key=next] tbody tr:first-child")).contains("in-10-min");
      assertThat(browser.text("section[data-key=by] tbody tr:first-child")).contains("shop");

      browser.click("section[data-key=next] tbody tr:first-child .acts button");
      browser.confirm("a customer asks");
      browser.awaitText("1 task waits for its time");
      assertThat(scene.has("in-10-min", "PENDING")).isTrue();
      browser.assertSound("/upcoming");
    }
  }

  @Test
  void theBroker_isDrained_saysWhenItIsEmpty_andTakesTasksInAgain() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"));
      browser.open(scene.url("/"));
      browser.click("[data-key=top] button");
      browser.awaitText("Drain this broker?");
      browser.click("dialog [name=exit]");
      browser.awaitText("taskbroker drain --exit-when-empty --reason '…' --yes");
      browser.click("dialog [name=exit]");
      browser.awaitText("taskbroker drain --reason '…' --yes");
      browser.confirm("a deploy");

      browser.awaitText("This broker drains, as local has ordered, because: a deploy");
      assertThat(scene.broker.broker().draining().sight())
          .hasValueSatisfying(
              sight -> assertThat(sight.order().onEmpty()).isEqualTo(Drain.OnEmpty.STAY));
      scene.broker.report(scene.broker.take(), Conclusion.COMPLETE);
      browser.awaitText("Drained: nothing is here, and nothing is taken in");

      browser.press("End the drain…");
      browser.awaitText("End the drain?");
      browser.awaitText("taskbroker drain --end --reason '…'");
      browser.confirm("it is deployed");
      browser.await("the end", () -> scene.broker.broker().draining().sight().isEmpty());
      browser.await("the page", () -> !browser.text().contains("Drained:"));
      assertThat(browser.console()).isEmpty();
    }
  }
}
