package io.taskbroker.adapters.http.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call, and who is turned away. */
class AdminGateTest {
  private static final String VIEWER = "viewer-0123456789";
  private static final String OPERATOR = "operator-0123456789";

  private final BrokerFixture broker = BrokerFixture.start();
  private AdminServer server = start(Optional.empty());
  private AdminClient client = new AdminClient(server.port());

  private AdminServer start(Optional<AdminRole> withoutToken) {
    return start("127.0.0.1", withoutToken);
  }

  private AdminServer start(String address, Optional<AdminRole> withoutToken) {
    return AdminServer.start(
        new AdminSettings(
            address,
            0,
            64,
            List.of(
                new AdminToken("vera", AdminRole.VIEWER, VIEWER),
                new AdminToken("otto", AdminRole.OPERATOR, OPERATOR)),
            withoutToken,
            List.of("broker.example"),
            AdminRole.OPERATOR),
        broker.broker(),
        Surroundings.of(AdminApi.PLAIN, "1"),
        broker.time());
  }

  private void restart(AdminRole withoutToken) {
    server.close();
    server = start(Optional.of(withoutToken));
    client = new AdminClient(server.port());
  }

  @AfterEach
  void close() {
    server.close();
    broker.close();
  }

  private Answer pauseWith(AdminClient caller) {
    return caller.post("/api/v1/pauses", "application", "shop");
  }

  @Test
  void withoutAToken_nothingIsAnswered_notEvenWhatThereIs() {
    assertThat(client.get("/api/v1/status").status()).isEqualTo(401);
    assertThat(client.get("/api/v1/status").headers()).containsEntry("www-authenticate", "Bearer");
    assertThat(client.get("/api/v1/openapi.json").status()).isEqualTo(401);
    assertThat(pauseWith(client).status()).isEqualTo(401);
    assertThat(client.withToken("viewer-0123456788").get("/api/v1/status").status()).isEqualTo(401);
    assertThat(client.with("Authorization", "Basic " + VIEWER).get("/api/v1/me").status())
        .isEqualTo(401);
  }

  @Test
  void aToken_givesItsRole_andItsNameToTheAudit() {
    AdminClient vera = client.withToken(VIEWER);
    AdminClient otto = client.withToken(OPERATOR);

    assertThat(vera.get("/api/v1/me").body())
        .containsEntry("name", "vera")
        .containsEntry("role", "viewer");
    assertThat(vera.get("/api/v1/status").status()).isEqualTo(200);
    assertThat(pauseWith(vera).status()).isEqualTo(403);
    assertThat(vera.get("/api/v1/payload?id=a").status()).isEqualTo(403);
    assertThat(vera.post("/api/v1/arguments", "id", "a").status()).isEqualTo(403);
    assertThat(otto.get("/api/v1/payload?id=a").status()).isEqualTo(404);
    assertThat(pauseWith(otto).body()).containsEntry("by", "otto");
  }

  @Test
  void fromThisMachine_aRoleMayBeHadWithoutAToken_butNotThroughAProxy() {
    restart(AdminRole.VIEWER);

    assertThat(client.get("/api/v1/status").status()).isEqualTo(200);
    assertThat(pauseWith(client).status()).isEqualTo(403);
    assertThat(client.with("X-Forwarded-For", "192.0.2.1").get("/api/v1/status").status())
        .isEqualTo(401);
    assertThat(client.withToken("no such token at all").get("/api/v1/status").status())
        .isEqualTo(401);
  }

  /** A mesh's sidecar hands connections on by itself: from loopback, to the address of the pod. */
  @Test
  void whatIsHandedOnToAnotherAddressOfThisMachine_comesFromElsewhere() throws IOException {
    Optional<InetAddress> outer = outerAddress();
    assumeThat(outer).isPresent();
    server.close();
    server = start("0.0.0.0", Optional.of(AdminRole.VIEWER));

    assertThat(statusLine(InetAddress.getLoopbackAddress())).contains(" 200 ");
    assertThat(statusLine(outer.orElseThrow())).contains(" 401 ");
  }

  private String statusLine(InetAddress to) throws IOException {
    try (Socket socket = new Socket(to, server.port(), InetAddress.getLoopbackAddress(), 0)) {
      socket.setSoTimeout(60_000);
      String request =
          "GET /api/v1/status HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
              .formatted(to.getHostAddress());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return AdminClient.line(socket.getInputStream());
    }
  }

  /** Empty if this machine has none. */
  private static Optional<InetAddress> outerAddress() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
        .findFirst();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost."})
  void aHostThatThisIsNot_isRefused(String host) {
    restart(AdminRole.ADMIN);

    assertThat(client.with("Host", host).get("/api/v1/status").status()).isEqualTo(421);
    assertThat(pauseWith(client.with("Host", host)).status()).isEqualTo(421);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1:1", "[::1]:80", "Broker.example"})
  void aHostThatThisIs_isAnswered(String host) {
    restart(AdminRole.ADMIN);

    assertThat(client.with("Host", host).get("/api/v1/status").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example",
        "null",
        "https://127.0.0.1:PORT",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "not an origin"
      })
  void anOrderOfAnotherSitesPage_isRefused(String origin) {
    restart(AdminRole.ADMIN);
    String from = origin.replace("PORT", "" + server.port());

    assertThat(pauseWith(client.with("Origin", from)).status()).isEqualTo(403);
    assertThat(pauseWith(client.with("Origin", "http://127.0.0.1:" + server.port())).status())
        .isEqualTo(200);
  }

  @Test
  void behindAProxyThatSpeaksTls_ordersOfOurOwnPages_areCarriedOut() {
    restart(AdminRole.ADMIN);
    AdminClient behind = client.with("Host", "broker.example");
    AdminClient page = behind.with("Origin", "https://broker.example");

    assertThat(pauseWith(page).status()).isEqualTo(200);
    assertThat(page.post("/api/v1/session").headers().get("set-cookie")).contains("Secure");
    assertThat(pauseWith(behind.with("Origin", "https://evil.example")).status()).isEqualTo(403);
    assertThat(pauseWith(behind.with("Origin", "http://broker.example:1")).status()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""})
  void anOrderThatAFormCouldSend_isRefused(String type) {
    restart(AdminRole.ADMIN);

    assertThat(pauseWith(client.with("Content-Type", type)).status()).isEqualTo(415);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{\"a\": 1, \"a\": 2}", "{\"id\": 5}", "{\"reason\": {}}"})
  void aBodyThatIsNoOrder_isRefused(String body) {
    restart(AdminRole.ADMIN);

    assertThat(
            client
                .with("Content-Type", "application/json; charset=utf-8")
                .call("POST", "/api/v1/tasks/cancel", body)
                .status())
        .isEqualTo(400);
  }

  @Test
  void anOrderOfAMegabyte_isRefused() {
    restart(AdminRole.ADMIN);

    assertThat(
            client
                .with("Content-Type", "application/json")
                .call("POST", "/api/v1/tasks/cancel", "x".repeat(70_000))
                .status())
        .isEqualTo(413);
  }

  @Test
  void whatIsNotThere_andAnotherMethod_areAnsweredInWords() {
    restart(AdminRole.ADMIN);

    assertThat(client.get("/nothing").status()).isEqualTo(404);
    assertThat(client.get("/api/v1/task/").status()).isEqualTo(404);
    assertThat(client.call("DELETE", "/api/v1/pauses", null).headers())
        .containsEntry("allow", "GET, POST");
    assertThat(client.call("GET", "/api/v1/session", null).status()).isEqualTo(405);
  }

  @Test
  void everyAnswer_tellsBrowsersToKeepOut() {
    for (String path : List.of("/api/v1/me", "/nothing")) {
      assertThat(client.get(path).headers())
          .containsEntry("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
          .containsEntry("x-content-type-options", "nosniff")
          .containsEntry("cache-control", "no-store")
          .doesNotContainKeys("access-control-allow-origin", "server");
    }
  }

  // ---------------------------------------------------------------- sessions

  private String cookieOf(AdminClient caller) {
    Answer begun = caller.post("/api/v1/session");
    String cookie = begun.headers().getOrDefault("set-cookie", "");
    assertThat(cookie).contains("HttpOnly", "SameSite=Strict", "Path=/").doesNotContain(OPERATOR);
    return cookie.substring(0, cookie.indexOf(';'));
  }

  @Test
  void aBrowserThatHasShownAToken_isKnownByItsCookie_untilItsSessionEnds() {
    AdminClient browser = client.with("Cookie", cookieOf(client.withToken(OPERATOR)));

    assertThat(browser.get("/api/v1/me").body()).containsEntry("name", "otto");
    assertThat(pauseWith(browser).status()).isEqualTo(200);
    assertThat(pauseWith(browser.with("Origin", "http://evil.example")).status()).isEqualTo(403);

    assertThat(browser.post("/api/v1/session/end").status()).isEqualTo(200);
    assertThat(browser.get("/api/v1/me").status()).isEqualTo(401);
  }

  @Test
  void aForgedCookie_andOneThatIsTooOld_areUnknown() {
    AdminClient browser = client.with("Cookie", cookieOf(client.withToken(VIEWER)));

    assertThat(client.with("Cookie", Gate.COOKIE + "=" + "0".repeat(64)).get("/api/v1/me").status())
        .isEqualTo(401);
    assertThat(client.with("Cookie", Gate.COOKIE + "=").get("/api/v1/me").status()).isEqualTo(401);
    assertThat(browser.get("/api/v1/me").status()).isEqualTo(200);
    broker.time().advance(Sessions.LONGEST.plus(Duration.ofSeconds(1)));
    assertThat(browser.get("/api/v1/me").status()).isEqualTo(401);
  }
}
