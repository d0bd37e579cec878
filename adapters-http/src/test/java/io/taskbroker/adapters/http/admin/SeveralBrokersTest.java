package io.taskbroker.adapters.http.admin;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.adapters.http.admin.KnownBrokers.Known;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three brokers that one of them shows together, over their sockets; and others in their place. */
@Timeout(120)
class SeveralBrokersTest {
  private static final String VIEWER = "viewer-0123456789";
  private static final String OPERATOR = "operator-0123456789";

  /**
   * What the first shows to the others: of the highest role, so that nothing else holds it back.
   */
  private static final String BETWEEN = "between-0123456789";

  private final List<AutoCloseable> open = new ArrayList<>();
  private final BrokerFixture a = fixture();
  private final BrokerFixture b = fixture();
  private final BrokerFixture c = fixture();
  private final AdminServer serverB = serve(b, List.of());
  private final AdminServer serverC = serve(c, List.of());
  private AdminClient client = new AdminClient(0);

  @BeforeEach
  void start() {
    client = knowing(known("b", serverB.port()), known("c", serverC.port()));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  private BrokerFixture fixture() {
    BrokerFixture broker = BrokerFixture.start();
    open.add(broker);
    return broker;
  }

  private AdminServer serve(BrokerFixture broker, List<Known> others) {
    return serve(broker, 0, others);
  }

  private AdminServer serve(BrokerFixture broker, int port, List<Known> others) {
    AdminServer server =
        AdminServer.start(
            new AdminSettings(
                    "127.0.0.1",
                    port,
                    64,
                    List.of(
                        new AdminToken("vera", AdminRole.VIEWER, VIEWER),
                        new AdminToken("otto", AdminRole.OPERATOR, OPERATOR),
                        new AdminToken("ops", AdminRole.ADMIN, BETWEEN)),
                    Optional.empty(),
                    List.of(),
                    AdminRole.OPERATOR)
                .with(new KnownBrokers("a", others)),
            broker.broker(),
            Surroundings.of(AdminApiTest.PLAIN, "1"),
            broker.time());
    open.add(server);
    return server;
  }

  private static Known known(String name, int port) {
    return new Known(name, "http://127.0.0.1:" + port + "/", Optional.of(BETWEEN));
  }

  /** A client of a broker that knows these. */
  private AdminClient knowing(Known... others) {
    return new AdminClient(serve(a, List.of(others)).port()).withToken(OPERATOR);
  }

  private static void produce(BrokerFixture broker, Activations... tasks) {
    int before = stored(broker);
    broker.produce(tasks);
    broker.await("the tasks", () -> stored(broker) == before + tasks.length);
  }

  private static int stored(BrokerFixture broker) {
    return broker.broker().operations().tasks().list(TaskFilter.ANY, 0, 1_000).tasks().size();
  }

  private static int pauses(BrokerFixture broker) {
    return broker.broker().operations().pauses().size();
  }

  private static Map<String, Object> of(Answer answer, String broker) {
    return answer.list("brokers").stream()
        .filter(one -> broker.equals(one.get("broker")))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> told(Answer answer, String rows, String name) {
    return answer.list(rows).stream().map(row -> row.get("broker") + " " + row.get(name)).toList();
  }

  // ---------------------------------------------------------------- looks

  @Test
  void looks_areShownTogether_andEachRowNamesItsBroker() {
    produce(a, pending("1").application("shop"));
    produce(b, pending("2").application("shop"), pending("3").application("bank"));

    Answer status = client.get("/api/v1/all/status");

    assertThat(status.object("tasks")).containsEntry("pending", 3);
    assertThat(status.list("brokers"))
        .extracting(one -> one.get("broker"))
        .containsExactly("a", "b", "c");
    assertThat((Map<?, ?>) of(status, "b").get("tasks")).extracting("pending").isEqualTo(2);
    assertThat(told(client.get("/api/v1/all/queues"), "queues", "application"))
        .containsExactly("b bank", "a shop", "b shop");
    assertThat(told(client.get("/api/v1/all/why"), "explanations", "what"))
        .containsExactlyInAnyOrder(
            "a Application 'shop'", "b Application 'shop'", "b Application 'bank'");
    assertThat(client.get("/api/v1/all/task?id=3").object("task"))
        .containsEntry("broker", "b")
        .containsEntry("application", "bank");
    assertThat(client.get("/api/v1/all/task?id=4").status()).isEqualTo(404);
    assertThat(told(client.get("/api/v1/all/tasks?broker=b"), "tasks", "id"))
        .containsExactlyInAnyOrder("b 2", "b 3");
    assertThat(told(client.get("/api/v1/tasks"), "tasks", "id")).containsExactly("null 1");
  }

  @Test
  void tasksOfAll_comeInPieces_eachOnce() {
    produce(a, pending("a1"), pending("a2"), pending("a3"));
    produce(b, pending("b1"));
    produce(c, pending("c1"), pending("c2"));
    List<String> all = new ArrayList<>();
    Object next = 0;
    while (next != null) {
      Answer piece = client.get("/api/v1/all/tasks?limit=1&after=" + next);
      all.addAll(told(piece, "tasks", "id"));
      next = piece.body().get("next");
    }

    assertThat(all).containsExactlyInAnyOrder("a a1", "a a2", "a a3", "b b1", "c c1", "c c2");
    assertThat(client.get("/api/v1/all/tasks?after=rubbish").status()).isEqualTo(400);
    assertThat(client.get("/api/v1/all/tasks?aplication=shop").status()).isEqualTo(400);
    assertThat(client.get("/api/v1/all/tasks?broker=d").body())
        .extractingByKey("detail")
        .asString()
        .contains("must be one of a, b, c");
  }

  @Test
  void workersOfAll_areInOneList_inPieces() {
    produce(a, pending("1"), pending("2"));
    produce(b, pending("3"));
    a.takeAs("10.0.0.5:1");
    a.takeAs("10.0.0.7:1");
    b.takeAs("10.0.0.6:1");

    assertThat(told(client.get("/api/v1/all/workers"), "workers", "worker"))
        .containsExactly("a 10.0.0.5:1", "b 10.0.0.6:1", "a 10.0.0.7:1");
    Answer first = client.get("/api/v1/all/workers?limit=1");
    assertThat(told(first, "workers", "worker")).containsExactly("a 10.0.0.5:1", "b 10.0.0.6:1");
    assertThat(
            told(
                client.get("/api/v1/all/workers?limit=1&after=" + first.body().get("next")),
                "workers",
                "worker"))
        .containsExactly("a 10.0.0.7:1");
  }

  @Test
  void theEvents_areOfAll() throws IOException {
    produce(b, pending("1"));

    assertThat(firstEvent()).contains("\"pending\":1", "\"broker\":\"c\"");
  }

  /** The clock stands still: nothing that is told of all is too old to be told again. */
  @Test
  void theEvents_tellWhatWasOrdered_toWhoeverAsksAfterwards() throws IOException {
    assertThat(firstEvent()).doesNotContain("shop");

    client.post("/api/v1/all/pauses", "application", "shop");

    assertThat(firstEvent()).contains("shop");
  }

  private String firstEvent() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), client.port())) {
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              ("GET /api/v1/all/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                      + VIEWER
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String line = "";
      while (!line.startsWith("data: ")) {
        line = AdminClient.line(socket.getInputStream());
      }
      return line;
    }
  }

  // ---------------------------------------------------------------- orders

  @Test
  void anOrder_goesToEach_andEachAuditSaysWhoWantedIt_andWhy() {
    Answer paused = client.post("/api/v1/all/pauses", "application", "shop", "reason", "a deploy");

    assertThat(paused.status()).isEqualTo(200);
    assertThat(paused.list("brokers")).extracting(one -> one.get("status")).containsOnly(200);
    assertThat(Stream.of(a, b, c).map(SeveralBrokersTest::pauses)).containsOnly(1);
    assertThat(told(client.get("/api/v1/all/audit"), "audit", "actor"))
        .containsExactlyInAnyOrder("a otto", "b otto through ops", "c otto through ops");
    assertThat(client.get("/api/v1/all/audit").list("audit"))
        .extracting(entry -> entry.get("reason"))
        .containsOnly("a deploy");
  }

  @Test
  void anOrderAboutOneTask_isDoneWhereTheTaskIs() {
    produce(b, pending("1"));
    produce(a, pending("2"));
    produce(b, pending("2"));

    Answer done = client.post("/api/v1/all/tasks/cancel", "id", "1");

    assertThat(done.status()).isEqualTo(200);
    assertThat(of(done, "b")).containsEntry("status", 200);
    assertThat(of(done, "c")).containsEntry("status", 404);
    assertThat(client.post("/api/v1/all/tasks/cancel", "id", "3").status()).isEqualTo(404);
    assertThat(client.post("/api/v1/all/tasks/cancel", "id", "2", "broker", "a").status())
        .isEqualTo(200);
    assertThat(stored(a)).isZero();
    assertThat(stored(b)).isEqualTo(1);
  }

  @Test
  void anOrderAboutMany_isCountedForEach_andGoesOnUntilAllAreDone() {
    produce(a, pending("1"), pending("2"));
    produce(b, pending("3"));

    Answer dry = client.post("/api/v1/all/tasks/cancel", "filter", Map.of());
    Answer done = client.post("/api/v1/all/tasks/cancel", "filter", Map.of(), "dry_run", false);

    assertThat(dry.object("verdicts")).containsEntry("done", 3);
    assertThat(dry.body()).containsEntry("dry_run", true);
    assertThat(of(dry, "a")).containsEntry("verdicts", Map.of("done", 2));
    assertThat(done.body()).containsEntry("is_last", true).doesNotContainKey("last");
    assertThat(stored(a) + stored(b)).isZero();
  }

  @Test
  void anOrderThatFailsAtOne_isDoneAtTheOthers_andSaysSo() {
    int port = serverC.port();
    serverC.close();

    Answer paused = client.post("/api/v1/all/pauses", "application", "shop");

    assertThat(paused.status()).isEqualTo(207);
    assertThat(of(paused, "b")).containsEntry("status", 200);
    assertThat(of(paused, "c"))
        .containsEntry("status", 0)
        .extractingByKey("detail")
        .asString()
        .contains("no admin API answers at http://127.0.0.1:" + port);
    assertThat(pauses(a) + pauses(b)).isEqualTo(2);
  }

  @Test
  void aDrain_isOfOneBroker_andItsEntrySaysHowFarItIs() {
    Answer begun = client.post("/api/v1/all/drain", "broker", "b", "reason", "a deploy");
    Answer status = client.get("/api/v1/all/status");

    assertThat(begun.status()).isEqualTo(200);
    assertThat((Map<?, ?>) of(status, "b").get("drain")).extracting("reason").isEqualTo("a deploy");
    assertThat(of(status, "a")).doesNotContainKey("drain");
    assertThat(of(status, "c")).doesNotContainKey("drain");
    assertThat(client.post("/api/v1/all/drain/end", "broker", "c").status()).isEqualTo(404);
    assertThat(client.post("/api/v1/all/drain/end").status()).isEqualTo(200);
    assertThat(b.broker().draining().sight()).isEmpty();
  }

  /** Of one store: elsewhere the same key is another row. */
  @Test
  void aParkedRow_andAnOrderOfRules_areNamedWithTheirBroker() {
    for (BrokerFixture broker : List.of(a, b)) {
      broker.publisher().refuseContent(BrokerFixture.DEAD_LETTERS, "too large");
      produce(broker, pending("1").deadLettered());
      broker.report(broker.take(), Conclusion.FAILURE);
      broker.await("the row", () -> parked(broker) == 1);
    }
    client.post("/api/v1/all/rules", "rule", "drop_task_killswitch: [mail]");

    Answer rows = client.get("/api/v1/all/parked");
    Answer rules = client.get("/api/v1/all/rules");

    assertThat(told(rows, "parked", "id")).containsExactly("a 1", "b 1");
    Object key = Objects.requireNonNull(rows.list("parked").getFirst().get("key"));
    assertThat(rows.list("parked")).extracting(row -> row.get("key")).containsOnly(key);
    client.post("/api/v1/all/parked/drop", "key", key, "broker", "b");
    b.await("its end", () -> parked(b) == 0);
    assertThat(parked(a)).isEqualTo(1);
    assertThat(told(rules, "rules", "task")).containsExactly("a mail", "b mail", "c mail");
    Object order = Objects.requireNonNull(rules.list("rules").getFirst().get("order"));
    Object id = Objects.requireNonNull(((Map<?, ?>) order).get("id"));
    assertThat(client.post("/api/v1/all/rules/end", "id", id, "broker", "a").status())
        .isEqualTo(200);
    assertThat(told(client.get("/api/v1/all/rules"), "rules", "task"))
        .containsExactly("b mail", "c mail");
  }

  private static int parked(BrokerFixture broker) {
    return broker.broker().vitals().depths().parked();
  }

  // ---------------------------------------------------------------- those that are away

  /** A listener that is no broker: it answers each connection with this, or with nothing. */
  private Known stranger(String name, String answer, AtomicInteger calls) throws IOException {
    ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    List<Socket> kept = new ArrayList<>();
    Thread.ofVirtual()
        .name("stranger-" + name)
        .start(
            () -> {
              try {
                while (true) {
                  Socket socket = listener.accept();
                  kept.add(socket);
                  calls.incrementAndGet();
                  socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                  socket.getOutputStream().flush();
                }
              } catch (IOException _) {
                // the listener is closed
              }
            });
    open.add(
        () -> {
          listener.close();
          for (Socket socket : List.copyOf(kept)) {
            socket.close();
          }
        });
    return known(name, listener.getLocalPort());
  }

  private static String http(int status, String header, String body) {
    return "HTTP/1.1 %d x\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s"
        .formatted(status, header, body.length(), body);
  }

  @Test
  void whoIsAway_hangs_orAnswersWithAnError_isOneRowThatSaysSo() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    int port = serverC.port();
    serverC.close();
    AdminClient among =
        knowing(
            known("b", serverB.port()),
            known("away", port),
            stranger("hangs", "", calls),
            stranger("half", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", new AtomicInteger()),
            stranger("fails", http(500, "", "oh dear"), new AtomicInteger()),
            stranger("refuses", http(503, "", "{\"detail\": \"Stopping.\"}"), new AtomicInteger()));
    produce(b, pending("1"));

    Answer status = among.get("/api/v1/all/status");

    assertThat(status.status()).isEqualTo(200);
    assertThat(status.object("tasks")).containsEntry("pending", 1);
    assertThat(of(status, "away")).extractingByKey("detail").asString().contains("no admin API");
    for (String silent : List.of("hangs", "half")) {
      assertThat(of(status, silent))
          .extractingByKey("detail")
          .asString()
          .contains("no answer within");
    }
    assertThat(of(status, "fails")).extractingByKey("detail").asString().contains("no JSON");
    assertThat(of(status, "refuses")).containsEntry("detail", "Stopping.");

    int before = calls.get();
    assertThat(told(among.get("/api/v1/all/tasks"), "tasks", "id")).containsExactly("b 1");
    assertThat(calls).as("looks that a broker which is away holds up").hasValue(before);
  }

  /** "Nothing of the kind is there" is no failure where another broker did it; this is one. */
  @Test
  void whoDoesNotKnowTheCall_isTooOldForIt_andItIsNotDoneThere() throws IOException {
    String unknown = "{\"detail\": \"Nothing is here. /api/v1/openapi.json says what there is\"}";
    AdminClient among =
        knowing(
            known("b", serverB.port()),
            stranger("old", http(404, "", unknown), new AtomicInteger()),
            stranger(
                "older",
                http(405, "", "{\"detail\": \"Only GET is answered here\"}"),
                new AtomicInteger()));

    Answer paused = among.post("/api/v1/all/pauses", "application", "shop");

    assertThat(paused.status()).isEqualTo(207);
    assertThat(of(paused, "b")).containsEntry("status", 200);
    for (String old : List.of("old", "older")) {
      assertThat(of(paused, old))
          .containsEntry("status", 501)
          .extractingByKey("detail")
          .asString()
          .contains("too old", "POST /api/v1/pauses");
    }
  }

  @Test
  void whoSendsElsewhere_isNotFollowed() throws IOException {
    String there = "Location: http://127.0.0.1:%d/api/v1/status\r\n".formatted(serverC.port());
    AdminClient among = knowing(stranger("b", http(302, there, "{}"), new AtomicInteger()));

    assertThat(of(among.get("/api/v1/all/status"), "b")).containsEntry("status", 302);
  }

  @Test
  void whoAsksItself_isToldHowToMendThat() throws IOException {
    int port;
    try (ServerSocket some = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = some.getLocalPort();
    }
    AdminClient self =
        new AdminClient(serve(a, port, List.of(known("mirror", port))).port()).withToken(OPERATOR);
    produce(a, pending("1"));

    Answer status = self.get("/api/v1/all/status");

    assertThat(status.object("tasks")).containsEntry("pending", 1);
    assertThat(of(status, "mirror"))
        .containsEntry("status", 508)
        .extractingByKey("detail")
        .asString()
        .contains("admin.name");
  }

  // ---------------------------------------------------------------- who may do what

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
    assertThat(Stream.of(a, b, c).map(SeveralBrokersTest::pauses)).containsOnly(0);
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
