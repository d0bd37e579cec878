package io.taskbroker.adapters.http.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.broker.BrokerFixture;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of the dashboard, as browsers get them. */
class DashboardFilesTest {
  /** Of the file as written. To add a rule, take another one away. */
  private static final int STYLE_BYTES = 12_288;

  private static final int PACKED_BYTES = 100_000;

  private final BrokerFixture broker = BrokerFixture.start();
  private final AdminServer server =
      AdminServer.start(
          new AdminSettings(
              "127.0.0.1", 0, 64, List.of(), Optional.empty(), List.of(), AdminRole.OPERATOR),
          broker.broker(),
          Surroundings.of(AdminApi.PLAIN, "1"),
          broker.time());
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    client.close();
    server.close();
    broker.close();
  }

  private HttpResponse<byte[]> get(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), BodyHandlers.ofByteArray());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(path, e);
    }
  }

  private String text(String path) {
    HttpResponse<byte[]> answer = get(path);
    assertThat(answer.statusCode()).as(path).isEqualTo(200);
    return new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/queues",
        "/tasks",
        "/task?id=a",
        "/workers",
        "/dead-letters",
        "/upcoming",
        "/kafka",
        "/rules",
        "/configuration",
        "/audit",
        "/sign-in"
      })
  void eachPage_isServedToEverybody_andRunsNothingButOurScripts(String path) {
    HttpResponse<byte[]> page = get(path);

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
    assertThat(page.headers().firstValue("content-security-policy"))
        .hasValueSatisfying(
            policy ->
                assertThat(policy)
                    .contains(
                        "default-src 'none'",
                        "script-src 'self';",
                        "style-src 'self';",
                        "frame-ancestors 'none'",
                        "require-trusted-types-for 'script'")
                    .doesNotContain("unsafe", "*"));
    assertThat(page.headers().firstValue("x-content-type-options")).contains("nosniff");
    assertThat(page.headers().firstValue("set-cookie")).isEmpty();
  }

  @Test
  void nothingIsWrittenIntoThePage_thatThePolicyForbids() {
    String page = text("/");

    assertThat(page).doesNotContain("<style", "style=", "onclick", "http://", "https://");
    assertThat(Pattern.compile("<script(?! [^>]*src=\"/assets/)").matcher(page).find()).isFalse();
    for (String script : Dashboard.SCRIPTS) {
      assertThat(text("/assets/" + script + ".js"))
          .as(script)
          .doesNotContain(
              "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(");
    }
  }

  @Test
  void eachScript_isAskedForBySomePage_andServed() {
    var wanted = new TreeSet<String>();
    String all = text("/");
    for (String script : Dashboard.SCRIPTS) {
      all += text("/assets/" + script + ".js");
    }
    Pattern.compile("(?:from '\\./|/assets/)([\\w-]+)\\.js")
        .matcher(all)
        .results()
        .map((MatchResult found) -> found.group(1))
        .forEach(wanted::add);

    assertThat(wanted).containsExactlyInAnyOrderElementsOf(Dashboard.SCRIPTS);
  }

  @Test
  void theFiles_areSmall() {
    assertThat(get("/assets/style.css").body()).hasSizeLessThanOrEqualTo(STYLE_BYTES);
    long packed = get("/", "Accept-Encoding", "gzip").body().length;
    packed += get("/assets/style.css", "Accept-Encoding", "gzip").body().length;
    for (String script : Dashboard.SCRIPTS) {
      HttpResponse<byte[]> file = get("/assets/" + script + ".js", "Accept-Encoding", "gzip");
      assertThat(file.headers().firstValue("content-encoding")).contains("gzip");
      packed += file.body().length;
    }
    assertThat(packed).isLessThan(PACKED_BYTES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/assets/",
        "/assets/../openapi.json",
        "/assets/%2e%2e/openapi.json",
        "/index.html"
      })
  void nothingElseIsServed(String path) {
    assertThat(get(path).statusCode()).isIn(400, 401, 404);
  }
}
