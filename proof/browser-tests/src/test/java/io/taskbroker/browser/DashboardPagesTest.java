package io.taskbroker.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminRole;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How each page looks: no fault in the console, nothing that keeps people out, nothing too wide,
 * and a screenshot in {@code target/screenshots}.
 */
@ExtendWith(NeedsBrowser.class)
@Timeout(600)
class DashboardPagesTest {
  private static final Browser BROWSER = new Browser();

  @AfterAll
  static void close() {
    BROWSER.close();
  }

  @AfterEach
  void forget() {
    BROWSER.forget();
  }

  private static Map<String, String> pages() {
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("overview", "/");
    pages.put("queues", "/queues");
    pages.put("tasks", "/tasks");
    pages.put("task", "/task?id=0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e02");
    pages.put("task-failed", "/task?id=0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e01");
    pages.put("workers", "/workers");
    pages.put("dead-letters", "/dead-letters");
    pages.put("dead-letter", "/dead-letters?task=index_document&place=0:3");
    pages.put("upcoming", "/upcoming");
    pages.put("kafka", "/kafka");
    pages.put("rules", "/rules");
    pages.put("configuration", "/configuration");
    pages.put("audit", "/audit");
    pages.put("sign-in", "/sign-in");
    return pages;
  }

  @ParameterizedTest
  @CsvSource({"light, 1280", "dark, 1280", "light, 390", "dark, 390"})
  void everyPage_isSound(String theme, int width) {
    BROWSER.themed(theme).sized(width, width < 600 ? 844 : 900);
    try (Scene scene = Scene.open().lively()) {
      BROWSER.open(scene.url("/queues"));
      BROWSER.press("Pause by name…");
      BROWSER.type("dialog [name=application]", "search");
      BROWSER.confirm("The index is being moved");
      scene.work();
      pages()
          .forEach(
              (name, path) -> {
                BROWSER.open(scene.url(path));
                assertThat(BROWSER.text("h1")).as(path).isNotBlank();
                String shot = "%s-%s-%d".formatted(name, theme, width);
                BROWSER.screenshot(shot);
                BROWSER.illustration(shot);
                BROWSER.assertSound(path);
              });
    }
  }

  @ParameterizedTest
  @CsvSource({"light, 1280", "dark, 390"})
  void everyEmptyPage_isSound_andSaysHowItIsFilled(String theme, int width) {
    BROWSER.themed(theme).sized(width, 844);
    try (Scene scene = Scene.open()) {
      pages()
          .forEach(
              (name, path) -> {
                BROWSER.open(scene.url(path));
                BROWSER.screenshot("empty-%s-%s-%d".formatted(name, theme, width));
                if (name.startsWith("task-") || name.equals("task") || name.equals("dead-letter")) {
                  BROWSER.console(); // in which the browser has noted the 404
                }
                BROWSER.assertSound(path);
              });
      BROWSER.open(scene.url("/"));
      assertThat(BROWSER.text()).contains("Send the first task", "from taskbroker import App");
      BROWSER.press("Command line, without a client");
      BROWSER.awaitText("./taskbroker dev send mail.welcome");
      BROWSER.open(scene.url("/queues"));
      assertThat(BROWSER.text()).contains("No queue has tasks", "Nothing is paused.");
      BROWSER.open(scene.url("/task?id=unknown"));
      assertThat(BROWSER.text()).contains("No such task is here");
    }
  }

  @ParameterizedTest
  @CsvSource({"light, 1280", "dark, 1280", "dark, 390", "light, 390"})
  void everyQuestion_isSound(String theme, int width) {
    BROWSER.themed(theme).sized(width, 844);
    try (Scene scene = Scene.open().lively()) {
      BROWSER.open(scene.url("/tasks?application=shop&state=pending"));
      BROWSER.press("Cancel…");
      BROWSER.awaitText("A dry run. Nothing has been done yet.");
      BROWSER.screenshot("ask-cancel-%s-%d".formatted(theme, width));
      BROWSER.assertSound("the question");
      BROWSER.press("Keep them");
      BROWSER.keys("?");
      BROWSER.awaitText("Single keys work");
      BROWSER.assertSound("the list of keys");
      BROWSER.press("Close");
    }
  }

  @Test
  void aViewer_seesWhatIsNotAllowed_andWhy() {
    BROWSER.themed("light").sized(1280, 900);
    try (Scene scene = new Scene(Optional.of(AdminRole.VIEWER)).lively()) {
      for (String path : new String[] {"/queues", "/tasks", "/rules", pages().get("task")}) {
        BROWSER.open(scene.url(path));
        BROWSER.awaitText(
            "takes the role operator, and local is a viewer. Sign in with another token");
        BROWSER.assertSound(path);
      }
      BROWSER.screenshot("task-viewer-light-1280");
      assertThat(BROWSER.number(".do button:not(:disabled)")).isZero();
    }
  }
}
