package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/**
 * The dashboard on a phone, by keyboard, with a token; and how it shows that something is not well.
 */
class DashboardUseTest extends DashboardUse {
  @Test
  void onAPhone_noListScrollsByItself() {
    browser.sized(390, 844);
    try (Scene scene = Scene.open().lively()) {
      for (String page : List.of("/workers", "/kafka", "/queues")) {
        browser.open(scene.url(page));
        assertThat(browser.number(".scroll table")).as(page).isPositive();
        assertThat(
                browser.script(
                    """
                    return [...document.querySelectorAll('.scroll')]
                      .filter(one => one.scrollHeight > one.clientHeight)
                      .map(one => one.innerText).join();
                    """))
            .as(page)
            .isEqualTo("");
      }
    }
  }

  @Test
  void onAPhone_theLastTabIsClear_andAllButtonsAreSeen() {
    browser.sized(390, 844);
    try (Scene scene = Scene.open().lively()) {
      browser.open(scene.url("/audit"));
      assertThat(rightmost(".tabs [aria-current]")).isLessThan(390 * 0.85); // where it fades
      browser.open(scene.url("/tasks?state=pending"));
      assertThat(browser.number(".bulk button")).isPositive();
      assertThat(rightmost(".bulk button, .chips label")).isLessThanOrEqualTo(390);
    }
  }

  private static double rightmost(String css) {
    Object right =
        browser.script(
            """
            return Math.max(...[...document.querySelectorAll(arguments[0])]
              .map(one => one.getBoundingClientRect().right));
            """,
            css);
    return ((Number) Objects.requireNonNull(right)).doubleValue();
  }

  @Test
  void whatProducersWrite_staysText() {
    String evil = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=2</script>'\"&";
    try (Scene scene = Scene.open()) {
      scene.broker.publisher().refuse(BrokerFixture.DEAD_LETTERS, evil);
      Activations task =
          pending(evil)
              .application(evil)
              .namespace(evil)
              .taskname(evil)
              .deadLettered()
              .payload(Scene.sent(Map.of(evil, evil), evil));
      scene.produce(task);
      browser.open(scene.url("/task?id=" + encoded(evil)));
      assertThat(browser.text("h1")).isEqualTo(evil);
      browser.press("Show the values…");
      browser.confirm(evil);
      browser.await("the values", () -> browser.text("#arguments").contains("onerror"));
      browser.open(scene.url("/queues"));
      browser.click("tbody tr .acts button");
      browser.confirm(evil);
      browser.awaitText("Paused");
      browser.press("Resume…");
      browser.confirm(evil);
      scene.broker.report(scene.broker.take(), io.taskbroker.domain.Conclusion.FAILURE);
      scene.broker.await("the stall", () -> !scene.broker.broker().stalls().current().isEmpty());
      for (String path : new String[] {"/", "/queues", "/tasks", "/workers", "/audit"}) {
        browser.open(scene.url(path));
        browser.await("what was written", () -> browser.text().contains("onerror"));
        browser.assertSound(path);
      }
      browser.open(scene.url("/tasks?application=" + encoded(evil)));
      assertThat(browser.number("tr[data-row]")).isEqualTo(1);

      assertThat(browser.script("return window.hacked")).isNull();
      assertThat(browser.number("main img, main script")).isZero();
    }
  }

  private static String encoded(String text) {
    return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
  }

  @Test
  void textNeverBecomesMarkup_evenIfAScriptOfOursTried() {
    try (Scene scene = Scene.open()) {
      browser.open(scene.url("/"));
      assertThat(
              browser.script(
                  "try { document.body.innerHTML = '<b>x</b>'; return 'taken'; }"
                      + " catch (e) { return e.name; }"))
          .isEqualTo("TypeError");
    }
  }

  @Test
  void numbersMoveByThemselves_untilTheyAreStopped_andTheLostConnectionIsSaid() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"));
      browser.open(scene.url("/"));
      String waiting = ".figures div:first-child dd";
      browser.await("one", () -> browser.text(waiting).equals("1"));
      scene.produce(pending("b"), pending("c"));
      browser.await("three", () -> browser.text(waiting).equals("3"));

      browser.press("Live");
      browser.awaitText("Stopped");
      scene.produce(pending("d"));
      browser.press("Stopped");
      browser.await("four", () -> browser.text(waiting).equals("4"));
      assertThat(browser.console()).isEmpty();

      scene.stop();
      browser.awaitText("No connection. What you see is");
      browser.awaitText("The broker cannot be reached");
      assertThat(browser.text(waiting)).isEqualTo("4");
      assertThat(browser.number("[data-key=top] button:disabled")).as("drain").isEqualTo(1);
      assertThat(browser.barriers()).isEmpty();
      browser.screenshot("lost-light-1280");
    }
  }

  @Test
  void aStall_isInTheTitle_andGoesWithItsCause() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"), pending("b"));
      scene.broker.take();
      browser.open(scene.url("/"));
      browser.awaitText("All work moves");
      scene
          .broker
          .broker()
          .stalls()
          .begin("Intake of topic \"x\"", "Kafka is away", "Look at Kafka.");
      browser.awaitText("One thing stands still");
      browser.await(
          "the title",
          () -> String.valueOf(browser.script("return document.title")).startsWith("(1) "));
      browser.awaitText("Kafka is away.");
      assertThat(browser.text()).contains("Look at Kafka.");
      scene.broker.broker().stalls().end("Intake of topic \"x\"");
      browser.awaitText("All work moves");
    }
  }

  @Test
  void aToken_beginsASession_andItsEndLeadsBackToTheToken() {
    try (Scene scene = new Scene(Optional.empty())) {
      scene.produce(pending("a"));
      browser.open(scene.url("/task?id=a"), "/sign-in");
      browser.assertOnly401();
      browser.type("[name=token]", "no such token at all", Keys.ENTER);
      browser.awaitText("The broker does not know this token.");
      browser.assertOnly401();
      browser.type("[name=token]", Scene.OPERATOR, Keys.ENTER);
      browser.loaded("/task");
      browser.awaitText("otto, operator");
      assertThat(browser.script("return document.cookie")).isEqualTo("");
      assertThat(browser.console()).isEmpty();

      scene.broker.time().advance(Duration.ofHours(13));
      browser.loaded("/sign-in");
      browser.awaitText("your session is over");
      browser.type("[name=token]", Scene.VIEWER, Keys.ENTER);
      browser.loaded("/task");
      browser.awaitText("This takes the role operator, and vera is a viewer.");
      assertThat(browser.number(".do button:not(:disabled)")).isZero();

      browser.press("Sign out");
      browser.loaded("/sign-in");
      browser.open(scene.url("/queues"), "/sign-in");
    }
  }

  @Test
  void theKeyboard_isEnough() {
    try (Scene scene = Scene.open().lively()) {
      browser.open(scene.url("/"));
      browser.keys("gt");
      browser.loaded("/tasks");
      browser.keys("j");
      browser.keys("x");
      browser.awaitText("1 selected");
      browser.keys(Keys.ENTER);
      browser.loaded("/task");
      browser.keys("?");
      browser.awaitText("Single keys work");
      browser.keys(Keys.ESCAPE);
      browser.awaitNoText("Single keys work");
      browser.keys("/");
      browser.keys("close_month" + Keys.ENTER);
      browser.loaded("/tasks");
      assertThat(browser.url()).contains("id_part=close_month");
      browser.keys("gq");
      browser.loaded("/queues");
      browser.keys(Keys.TAB);
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void theThemeThatSomebodyChooses_stays() {
    try (Scene scene = Scene.open()) {
      browser.open(scene.url("/"));
      browser.click("button[title='Light or dark']");
      assertThat(browser.script("return document.documentElement.dataset.theme")).isEqualTo("dark");
      browser.open(scene.url("/queues"));
      assertThat(browser.script("return getComputedStyle(document.body).backgroundColor"))
          .isEqualTo("rgb(19, 21, 24)");
      browser.assertSound("/queues");
    }
  }
}
