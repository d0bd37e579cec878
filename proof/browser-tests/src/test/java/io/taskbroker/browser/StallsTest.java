package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What stands still is the first thing that somebody reads who opens the dashboard. */
@ExtendWith(NeedsBrowser.class)
@Timeout(600)
class StallsTest {
  private static final Browser BROWSER = new Browser();
  private static final Pattern VERDICT = Pattern.compile("things? stands? still");

  @AfterAll
  static void close() {
    BROWSER.close();
  }

  @BeforeEach
  void size() {
    BROWSER.themed("light").sized(1280, 900);
  }

  @AfterEach
  void forget() {
    BROWSER.forget();
  }

  private static void passTenSeconds(BrokerFixture broker) {
    for (int look = 0; look < 2; look++) {
      broker.time().advance(Duration.ofMillis(5_001));
      broker.awaitUpkeep();
    }
  }

  /**
   * Opens the dashboard, and waits until it names what stands still, why, and what to do. Beside a
   * clock that leaps, threads that run by the real one look hung until their next turn: the verdict
   * may take a second, and it may be one of several.
   */
  private static void assertNamed(Scene scene, String shot, String... words) {
    BROWSER.open(scene.url("/"));
    for (String part : words) {
      BROWSER.awaitText(part);
    }
    BROWSER.await("the verdict", () -> VERDICT.matcher(BROWSER.text("h1")).find());
    assertThat(BROWSER.number(".stall:not(.soft)")).isPositive();
    BROWSER.screenshot("stall-" + shot);
    BROWSER.assertSound(shot);
  }

  @Test
  void anApplicationWithoutWorkers() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").application("shop"));

      passTenSeconds(scene.broker);

      assertNamed(
          scene,
          "no-worker",
          "Application 'shop'",
          "1 task waits, and no worker has asked for that since the broker started.");
      BROWSER.open(scene.url("/task?id=a"));
      BROWSER.awaitText("No worker has asked for application 'shop' since the broker started");
    }
  }

  @Test
  void aDeadLetterTopicThatIsMissing() {
    try (Scene scene = Scene.open()) {
      scene
          .broker
          .publisher()
          .refuse(BrokerFixture.DEAD_LETTERS, "topic taskworker-dlq does not exist");
      scene.produce(pending("a").deadLettered());
      scene.broker.report(scene.broker.take(), Conclusion.FAILURE);
      scene.broker.await(
          "the line about it",
          () -> {
            scene.broker.time().advance(Duration.ofMillis(200));
            return !scene.broker.broker().stalls().current().isEmpty();
          });

      assertNamed(
          scene,
          "no-dead-letter-topic",
          "Publishing dead letters to topic taskworker-dlq",
          "Topic taskworker-dlq does not exist.");
    }
  }

  @Test
  void workersThatHangUntilDeadlines() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").application("shop"), pending("b").application("shop"));
      scene.broker.take();
      scene.broker.take();
      scene.broker.time().advance(Duration.ofSeconds(14));
      scene.broker.awaitUpkeep();

      passTenSeconds(scene.broker);

      assertNamed(
          scene,
          "hanging-workers",
          "Work of application 'shop'",
          "2 deadlines have passed since a worker last reported",
          "what the workers hang in");
    }
  }

  @Test
  void workersWhoseSecretIsWrong_andItsEnd() {
    try (Scene scene = Scene.open()) {
      IntStream.range(0, 4)
          .forEach(
              _ ->
                  scene
                      .broker
                      .broker()
                      .dispatch()
                      .refusals()
                      .refused("/127.0.0.1:5", "its signature fits none of our secrets"));
      passTenSeconds(scene.broker);

      assertNamed(
          scene,
          "wrong-secret",
          "Every call of workers",
          "4 calls in a row were refused",
          "grpc_shared_secret");

      scene.broker.broker().dispatch().refusals().admitted();
      passTenSeconds(scene.broker);
      BROWSER.awaitNoText("Every call of workers");
    }
  }
}
