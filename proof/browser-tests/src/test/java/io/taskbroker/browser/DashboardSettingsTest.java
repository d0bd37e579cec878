package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What somebody does with rules, log levels and the configuration, and sees of Kafka. */
class DashboardSettingsTest extends DashboardUse {
  @Test
  void aClusterThatIsAway_isInTheHeading_besideAPartitionWithoutALeader() {
    try (Scene scene = Scene.open().lively()) {
      browser.open(scene.url("/kafka"));
      browser.awaitText("1 partition has no leader, and Kafka does not tell of 1 topic");
      assertThat(browser.text("[aria-label=orders] .stall:not(.soft)"))
          .isEqualTo("Kafka at kafka-9:9092 does not answer.");
      assertThat(color(".stall .ctl")).isEqualTo(color("h1"));
    }
  }

  @Test
  void theConfiguration_isSearched_andShowsWhatSomebodyWrote() {
    try (Scene scene = Scene.open()) {
      browser.open(scene.url("/configuration"));
      browser.awaitText("store.sync");
      browser.type("input[type=search]:not([name])", "PENDING");
      browser.awaitNoText("store.sync");
      assertThat(browser.text()).contains("store.max_pending_count", "broker.yml:7");

      browser.open(scene.url("/configuration"));
      browser.awaitText("store.sync");
      browser.click("option[value=given]");
      browser.awaitNoText("store.sync");
      assertThat(browser.text()).contains("kafka_clusters.main.sasl_password", "******");
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void whatIsLogged_isChanged_andGoesBack() {
    try (Scene scene = Scene.open()) {
      browser.open(scene.url("/configuration"));
      browser.awaitText("What is logged");
      browser.press("Log more or less…");
      browser.awaitText("taskbroker log-level debug --for 10m --reason '…'");
      browser.type("dialog [name=target]", "taskbroker::store");
      browser.awaitText("taskbroker log-level debug taskbroker::store --for 10m --reason '…'");
      browser.screenshot("ask-log-level");
      browser.assertSound("the question");
      browser.confirm("it is slow");
      browser.await(
          "the change", () -> browser.text("[data-key=log]").contains("taskbroker::store"));
      assertThat(browser.text("[data-key=log]"))
          .contains("debug", "it is slow")
          .containsPattern("in (10 min|9 min 59 s)"); // the browser's clock goes on

      browser.click("[data-key=log] tbody button");
      browser.confirm("found it");
      browser.await("its end", () -> !browser.text("[data-key=log]").contains("taskbroker::store"));
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void kafkaAndRules_areOneKeyAway_andChangeWhileSomebodyLooks() {
    try (Scene scene = Scene.open()) {
      browser.open(scene.url("/"));
      browser.keys("gk");
      browser.awaitText("No topic is declared");
      browser.keys("gr");
      browser.awaitText("No rule is in force");

      scene.rules();

      browser.awaitText("3 rules are in force");
      assertThat(browser.text()).contains("argument 0 is \"spam@example.org\"");
      assertThat(browser.console()).isEmpty();
    }
  }

  @Test
  void aRule_isTriedFirst_putInForce_andEnded() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").taskname("newsletter"), pending("b").taskname("pay"));
      browser.open(scene.url("/rules"));
      browser.press("New rule…");
      browser.awaitText("Which rule?");
      browser.type("dialog [name=name]", "newsletter");
      browser.press("Try it");
      browser.awaitText("It would drop 1 stored task now");
      assertThat(scene.stored()).isEqualTo(2);
      browser.screenshot("ask-rule");
      browser.assertSound("the question");
      browser.confirm("too many");

      browser.awaitText("1 rule is in force");
      scene.broker.await("the drop", () -> scene.stored() == 1);
      assertThat(scene.broker.broker().rules().orders())
          .singleElement()
          .satisfies(order -> assertThat(order.reason()).isEqualTo("too many"));
      assertThat(browser.text("tbody")).contains("newsletter", "too many");

      browser.click("tbody .acts button");
      browser.awaitText("End this rule: Drop newsletter?");
      browser.confirm("it was a mistake");
      browser.awaitText("No rule is in force");
      assertThat(scene.broker.broker().rules().orders()).isEmpty();
      assertThat(browser.console()).isEmpty();
    }
  }
}
