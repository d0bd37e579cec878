package io.taskbroker.browser;

import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the tests of what somebody does with the dashboard have in common: a browser. */
@ExtendWith(NeedsBrowser.class)
@Timeout(600)
abstract class DashboardUse {
  static Browser browser;

  @BeforeAll
  static void start() {
    browser = new Browser();
  }

  @AfterAll
  static void close() {
    browser.close();
  }

  @BeforeEach
  final void size() {
    browser.themed("light").sized(1280, 900);
  }

  @AfterEach
  final void forget() {
    browser.forget();
  }

  static Object color(String css) {
    return Objects.requireNonNull(
        browser.script("return getComputedStyle(document.querySelector(arguments[0])).color", css));
  }
}
