package io.taskbroker.adapters.http.admin;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.KnownBrokers.Known;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what at which of three brokers. */
class BrokersRightsTest extends ThreeBrokers {
  @Test
  void aViewerHere_isNoOperatorThere() {
    produce(b, pending("1").payload("{\"to\": \"ann\"}".getBytes(StandardCharsets.UTF_8)));
    b.rules()
        .set(
            new Rules(
                new KillSwitch(
                    Set.of(),
                    List.of(new Selector("mail", Map.of(), Map.of("to", new Value.Text("spam"))))),
                new Demotion(Set.of(), null, null)));
    AdminClient vera = client.withToken(VIEWER);

    assertThat(vera.get("/api/v1/all/status").status()).isEqualTo(200);
    assertThat(vera.post("/api/v1/all/pauses", "application", "shop").status()).isEqualTo(403);
    assertThat(vera.post("/api/v1/all/pauses", "application", "shop", "broker", "b").status())
        .isEqualTo(403);
    assertThat(pauses(b)).isZero();
    assertThat(vera.get("/api/v1/all/payload?id=1&broker=b").status()).isEqualTo(403);
    assertThat(vera.post("/api/v1/all/arguments", "id", "1", "broker", "b").status())
        .isEqualTo(403);
    assertThat("" + vera.get("/api/v1/all/arguments?id=1").body()).doesNotContain("ann");
    assertThat("" + vera.get("/api/v1/all/rules").list("rules")).doesNotContain("spam");
    assertThat("" + client.get("/api/v1/all/rules").list("rules")).contains("spam");
    assertThat(client.post("/api/v1/all/arguments", "id", "1", "reason", "x").body())
        .extractingByKey("arguments")
        .asString()
        .contains("ann");
  }

  /** Whoever has a token can say these words, too: they take rights away and give none. */
  @Test
  void whatABrokerSaysOfWhoAsks_onlyTakesRightsAway() {
    AdminClient direct = new AdminClient(serverB.port());
    AdminClient asViewer =
        direct
            .withToken(BETWEEN)
            .with("Taskbroker-Actor", "v%C3%A9ra")
            .with("Taskbroker-Role", "viewer");
    AdminClient asAdmin =
        direct
            .withToken(VIEWER)
            .with("Taskbroker-Actor", "mallory")
            .with("Taskbroker-Role", "admin");

    assertThat(asViewer.get("/api/v1/me").body())
        .containsEntry("name", "v\u00e9ra through ops")
        .containsEntry("role", "viewer");
    assertThat(asViewer.post("/api/v1/pauses", "application", "shop").status()).isEqualTo(403);
    assertThat(asAdmin.get("/api/v1/me").body())
        .containsEntry("name", "mallory through vera")
        .containsEntry("role", "viewer");
    assertThat(direct.with("Taskbroker-Role", "admin").get("/api/v1/me").status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%0a2026 a forged line", "%zz"})
  void aNameThatNoBrokerSends_isRefused(String name) {
    AdminClient between = new AdminClient(serverB.port()).withToken(BETWEEN);

    assertThat(
            between
                .with("Taskbroker-Actor", name)
                .with("Taskbroker-Role", "viewer")
                .get("/api/v1/me")
                .status())
        .isEqualTo(400);
    assertThat(
            between
                .with("Taskbroker-Actor", "ann")
                .with("Taskbroker-Role", "boss")
                .get("/api/v1/me")
                .status())
        .isEqualTo(400);
  }

  @Test
  void theWallStandsHere_too() {
    assertThat(client.withToken("no such token at all").get("/api/v1/all/status").status())
        .isEqualTo(401);
    assertThat(client.with("Host", "evil.example").get("/api/v1/all/status").status())
        .isEqualTo(421);
    assertThat(
            client
                .with("Origin", "http://evil.example")
                .post("/api/v1/all/pauses", "application", "shop")
                .status())
        .isEqualTo(403);
    for (String path : List.of("me", "session", "openapi.json", "nothing", "all/status")) {
      assertThat(client.get("/api/v1/all/" + path).status()).as(path).isEqualTo(404);
    }
    assertThat(Stream.of(a, b, c).map(ThreeBrokers::pauses)).containsOnly(0);
  }

  @Test
  void aBrokerThatDoesNotLetUsIn_saysSo_andNobodyIsSignedOut() {
    AdminClient among =
        knowing(
            new Known(
                "b", "http://127.0.0.1:" + serverB.port(), Optional.of("an-old-token-of-ours")));

    assertThat(of(among.get("/api/v1/all/status"), "b"))
        .containsEntry("status", 502)
        .extractingByKey("detail")
        .asString()
        .contains("admin.broker_tokens");
    assertThat(among.get("/api/v1/all/task?id=1&broker=b").status()).isEqualTo(502);
  }
}
