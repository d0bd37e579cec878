package io.taskbroker.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LONG;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Chromium without a window, as somebody who looks at the dashboard has it before them. */
final class Browser implements AutoCloseable {
  /** Where Debian puts them. */
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  /** More than a page takes on a busy machine, and more than the program takes to start there. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * A note goes by itself after eight seconds; on a busy machine that is before anybody has looked.
   * Here it stays until the page goes.
   */
  private static final String NOTES_STAY =
      """
      const after = window.setTimeout;
      window.setTimeout = (act, ms, ...more) => ms === 8000 ? 0 : after(act, ms, ...more);
      """;

  private final ChromeDriver driver;
  private final List<String> faults = new ArrayList<>();

  Browser() {
    var logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    var options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--lang=en");
    options.addArguments("--disable-dev-shm-usage"); // it is small in containers
    options.setCapability("goog:loggingPrefs", logs);
    driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .withTimeout(PATIENCE)
                .build(),
            options);
    driver.manage().timeouts().scriptTimeout(PATIENCE);
    driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", NOTES_STAY));
  }

  /** Why there is no browser, and how one comes; empty if there is one. */
  static String missing() {
    return Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER)
        ? ""
        : "The dashboard was not tested in a browser: %s or %s is missing. apt-get install --no-install-recommends chromium chromium-driver"
            .formatted(CHROMIUM, DRIVER);
  }

  // ---------------------------------------------------------------- the screen

  Browser sized(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    return this;
  }

  /**
   * @param theme what the system asks for: {@code light} or {@code dark}
   */
  Browser themed(String theme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", theme))));
    return this;
  }

  void screenshot(String name) {
    try {
      Files.createDirectories(SCREENSHOTS);
      Files.write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A screenshot that is small enough for the documentation. */
  void illustration(String name) {
    Object webp =
        driver
            .executeCdpCommand("Page.captureScreenshot", Map.of("format", "webp", "quality", 75))
            .get("data");
    try {
      Files.createDirectories(SCREENSHOTS);
      Files.write(
          SCREENSHOTS.resolve(name + ".webp"), Base64.getDecoder().decode(String.valueOf(webp)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---------------------------------------------------------------- what somebody does

  /** Opens a page, and waits until it has shown what it is about. */
  Browser open(String url) {
    return open(url, Objects.requireNonNull(URI.create(url).getPath()));
  }

  /** Opens a page that leads to another one. */
  Browser open(String url, String leadsTo) {
    driver.get(url);
    return loaded(leadsTo);
  }

  /** Waits until the page of this path has shown what it is about. */
  Browser loaded(String path) {
    await(
        "the page " + path,
        () -> path.equals(script("return document.getElementById('main').dataset.ready")));
    return this;
  }

  void click(String css) {
    await(
        "a click on " + css,
        () -> {
          driver.findElement(By.cssSelector(css)).click();
          return true;
        });
  }

  /** Clicks the button, or the link, that begins with these words. */
  void press(String words) {
    await(
        "a click on '" + words + "'",
        () -> {
          driver.findElements(By.cssSelector("button, a.btn, summary")).stream()
              .filter(one -> one.isDisplayed() && one.getText().strip().startsWith(words))
              .findFirst()
              .orElseThrow(() -> new NoSuchElementException(words))
              .click();
          return true;
        });
  }

  void type(String css, CharSequence... keys) {
    await(
        "typing into " + css,
        () -> {
          WebElement field = driver.findElement(By.cssSelector(css));
          field.clear();
          field.sendKeys(keys);
          return true;
        });
  }

  /** Presses keys where the focus is. */
  void keys(CharSequence keys) {
    driver.switchTo().activeElement().sendKeys(keys);
  }

  /** Answers the question that stands open. */
  void confirm(String reason) {
    type("dialog [name=reason]", reason);
    click("dialog .go");
    await("the answer", () -> driver.findElements(By.cssSelector("dialog")).isEmpty());
  }

  // ---------------------------------------------------------------- what is seen

  String text() {
    return driver.findElement(By.tagName("body")).getText();
  }

  String text(String css) {
    return driver.findElement(By.cssSelector(css)).getText();
  }

  int number(String css) {
    return driver.findElements(By.cssSelector(css)).size();
  }

  String url() {
    return Objects.requireNonNull(driver.getCurrentUrl());
  }

  /** Waits until the page says it. */
  void awaitText(String part) {
    await("'" + part + "'", () -> text().contains(part));
  }

  void awaitNoText(String part) {
    await("'" + part + "' to go", () -> !text().contains(part));
  }

  @Nullable Object script(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /**
   * Waits until it is so. Until then the driver may fail in any way: elements are not there yet, or
   * not any more, and there is no document for a moment while one page follows another.
   */
  void await(String what, BooleanSupplier isSo) {
    new WebDriverWait(driver, PATIENCE, Duration.ofMillis(50))
        .withMessage(() -> "waited in vain for " + what + "; the page says: " + textIfThereIsAny())
        .ignoring(WebDriverException.class)
        .until(_ -> isSo.getAsBoolean());
  }

  private String textIfThereIsAny() {
    try {
      return text();
    } catch (WebDriverException e) {
      return "nothing, since " + e.getMessage();
    }
  }

  // ---------------------------------------------------------------- faults

  /** What the console has said since it was last asked, warnings included. */
  List<String> console() {
    driver.manage().logs().get(LogType.BROWSER).forEach(entry -> faults.add(entry.getMessage()));
    List<String> said = List.copyOf(faults);
    faults.clear();
    return said;
  }

  /** Serious and critical findings of axe in what is seen now. */
  @SuppressWarnings("unchecked")
  List<String> barriers() {
    if (Boolean.TRUE.equals(script("return typeof axe === 'undefined'"))) {
      script(axe());
    }
    Object found =
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations']}).then(
              all => done(all.violations
                .filter(one => one.impact === 'serious' || one.impact === 'critical')
                .map(one => one.impact + ' ' + one.id + ': ' + one.nodes.map(
                  node => node.target.join(' ') + ' ' + node.failureSummary).join('; '))),
              fault => done(['axe failed: ' + fault]));
            """);
    return (List<String>) Objects.requireNonNull(found);
  }

  private static String axe() {
    try (InputStream script = Browser.class.getResourceAsStream("/axe.min.js")) {
      return new String(
          Objects.requireNonNull(script, "axe.min.js").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything that was found fault with in what is seen now. */
  void assertSound(String where) {
    assertThat(console()).as("what the console says of %s", where).isEmpty();
    assertThat(barriers()).as("barriers of %s", where).isEmpty();
    assertThat(script("return document.documentElement.scrollWidth - innerWidth"))
        .as("pixels that %s is too wide", where)
        .asInstanceOf(LONG)
        .isLessThanOrEqualTo(0);
  }

  /** A browser notes each refusal that its pages are answered with. */
  void assertOnly401() {
    assertThat(console()).allSatisfy(line -> assertThat(line).contains("401"));
  }

  /** Leaves the page, and knows nothing of it any more. */
  void forget() {
    script("localStorage.clear()");
    driver.get("about:blank");
    driver.manage().deleteAllCookies();
    console();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
