package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.operations.Order;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.workers.InMemoryWorkers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What somebody sees of workers, and of applications that lack them. */
class DashboardWorkersTest extends DashboardUse {
  @Test
  void workers_areListed_withWhatTheyHave_andTheTaskNamesItsWorker() {
    try (Scene scene = Scene.open()) {
      browser.open(scene.url("/workers"));
      browser.awaitText("No worker has asked for tasks in the last ten minutes.");
      scene.produce(pending("a").deadline(Duration.ofHours(1)));
      scene.broker.takeAs("10.0.0.5:41234");
      scene.broker.broker().dispatch().programs().tells("10.0.0.5:41234", "mail-worker/2.7.1");
      scene.broker.time().advance(Duration.ofSeconds(12));

      browser.awaitText("10.0.0.5:41234");
      browser.await(
          "the task that it has",
          () ->
              browser
                  .text("section[aria-labelledby='h-workers'] tbody tr")
                  .matches("10.0.0.5:41234 mail-worker/2.7.1 anything 1\\d s ago 1 1\\d s"));

      browser.open(scene.url("/task?id=a"));
      browser.awaitText("With a worker: 10.0.0.5:41234, since");
      browser.await(
          "by when in the time of this browser, as the timeline has it",
          () ->
              browser
                  .text("section[data-key=why]")
                  .contains(
                      "has it, and must report by "
                          + browser.text("[data-key=Deadline] time")
                          + "."));
      assertThat(browser.console()).isEmpty();

      scene.broker.time().advance(Duration.ofMinutes(2)); // after one the broker forgets who asked
      browser.open(scene.url("/workers"));
      browser.await(
          "when it asked",
          () -> browser.text("[data-key=table] tbody tr").contains("2 min 12 s ago"));
      scene
          .broker
          .broker()
          .dispatch()
          .departed()
          .went("10.0.0.5:41234", scene.broker.time().now().wallMs());
      scene.broker.time().advance(Duration.ofSeconds(9));
      browser.await(
          "that it is gone",
          () ->
              browser
                  .text("section[aria-labelledby='h-workers'] tbody tr")
                  .matches("10.0.0.5:41234 .* Gone, \\d+ s ago 1 .*"));
    }
  }

  @Test
  void anApplicationThatLacksWorkers_isCalledSoOnEachPage_andOneThatIsPausedIsNot() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("done").application("mine"));
      scene.broker.report(scene.broker.takeAs("10.0.0.5:41234"), Conclusion.COMPLETE);
      scene.produce(pending("a").application("mine"), pending("b").application("held"));
      scene
          .broker
          .broker()
          .operations()
          .pause(new Order("ann", "deploy"), PauseTarget.ofApplication("held"), null);
      browser.open(scene.url("/workers"));
      browser.await(
          "who asks",
          () -> browser.text("h1").equals("Workers ask for all that waits and is not paused"));

      scene.broker.time().advance(Duration.ofMinutes(2));

      for (String page : List.of("/workers", "/queues")) {
        browser.open(scene.url(page));
        browser.await(page, () -> browser.text("h1").equals("No worker asks for mine"));
      }
      for (String page : List.of("/workers", "/")) {
        browser.open(scene.url(page));
        String rows = page.equals("/") ? "[data-key=backlog] tbody " : "[data-key=table] tbody ";
        browser.await(
            "both on " + page,
            () ->
                browser.text(rows + "tr:first-child").endsWith("Paused")
                    && browser.text(rows + "tr:last-child").endsWith("No worker asks"));
      }
      browser.awaitText("All work moves; one application has no worker yet");
      browser.await("no red card", () -> browser.number(".stall:not(.soft)") == 0);

      scene.pass(Duration.ofSeconds(8)); // what upkeep finds twice is a stall

      browser.await("heading, tab and cards that agree", DashboardWorkersTest::doTheyAgree);
    }
  }

  private static boolean doTheyAgree() {
    return browser.number(".stall:not(.soft)") == 1
        && browser.text("h1").equals("One thing stands still")
        && browser.text(".tabs a:first-child b").endsWith("1");
  }

  @Test
  void workersThatHaveNotAskedForAWhile_areNotSaidToAsk() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"), pending("b"));
      scene.broker.take();
      for (String page : List.of("/", "/queues", "/workers")) {
        browser.open(scene.url(page));
        browser.await(page, () -> browser.text("tbody .lead").equals("Workers ask"));
      }

      scene.broker.time().advance(Duration.ofSeconds(24));

      for (String page : List.of("/", "/queues", "/workers")) {
        browser.open(scene.url(page));
        browser.await(page, () -> browser.text("tbody .lead").equals("Asked 24 s ago"));
      }
    }
  }

  @Test
  void workersThatAreCalled_areListed_withWhyTheyTakeNothing() {
    InMemoryWorkers workers = InMemoryWorkers.of("bank", "shop");
    workers.answer("bank", new Answer.Refused("away"));
    BrokerFixture calling = BrokerFixture.builder().workers(workers).start();
    try (Scene scene = Scene.of(calling)) {
      calling.produce(pending("a").application("bank"));
      calling.await("a refused push", () -> !calling.broker().stalls().current().isEmpty());
      browser.open(scene.url("/workers"));

      browser.await("both", () -> browser.number("[data-key=called] tbody tr") == 2);
      assertThat(browser.text("[data-key=called] tbody tr:first-child"))
          .isEqualTo("in-memory:1 bank Takes nothing 1 1 0 away");
      assertThat(browser.text("[data-key=called] tbody tr:last-child"))
          .isEqualTo("in-memory:1 shop Takes tasks 1 0 0");
      assertThat(browser.text("h1")).isEqualTo("No worker of bank takes a task");
      assertThat(browser.text()).doesNotContain("No worker has asked for tasks");
      browser.assertSound("/workers");
      browser.screenshot("workers-called");
      assertThat(browser.text("[data-key=table] tbody tr")).endsWith("Takes nothing");
      for (String page : List.of("/", "/queues")) {
        browser.open(scene.url(page));
        browser.await(page, () -> browser.text("tbody tr[data-row] .lead").equals("Takes nothing"));
      }
    }
  }
}
