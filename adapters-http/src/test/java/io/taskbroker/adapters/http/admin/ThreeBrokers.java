package io.taskbroker.adapters.http.admin;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.adapters.http.admin.KnownBrokers.Known;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** Three brokers that one of them shows together, over their sockets; and others in their place. */
@Timeout(120)
abstract class ThreeBrokers {
  static final String VIEWER = "viewer-0123456789";
  static final String OPERATOR = "operator-0123456789";

  /**
   * What the first shows to the others: of the highest role, so that nothing else holds it back.
   */
  static final String BETWEEN = "between-0123456789";

  final List<AutoCloseable> open = new ArrayList<>();
  final BrokerFixture a = fixture();
  final BrokerFixture b = fixture();
  final BrokerFixture c = fixture();
  final AdminServer serverB = serve(b, List.of());
  final AdminServer serverC = serve(c, List.of());
  AdminClient client = new AdminClient(0);

  @BeforeEach
  final void start() {
    client = knowing(known("b", serverB.port()), known("c", serverC.port()));
  }

  @AfterEach
  final void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  final BrokerFixture fixture() {
    BrokerFixture broker = BrokerFixture.start();
    open.add(broker);
    return broker;
  }

  final AdminServer serve(BrokerFixture broker, List<Known> others) {
    return serve(broker, 0, others);
  }

  final AdminServer serve(BrokerFixture broker, int port, List<Known> others) {
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
            Surroundings.of(AdminApi.PLAIN, "1"),
            broker.time());
    open.add(server);
    return server;
  }

  static Known known(String name, int port) {
    return new Known(name, "http://127.0.0.1:" + port + "/", Optional.of(BETWEEN));
  }

  /** A client of a broker that knows these. */
  final AdminClient knowing(Known... others) {
    return new AdminClient(serve(a, List.of(others)).port()).withToken(OPERATOR);
  }

  static void produce(BrokerFixture broker, Activations... tasks) {
    int before = stored(broker);
    broker.produce(tasks);
    broker.await("the tasks", () -> stored(broker) == before + tasks.length);
  }

  static int stored(BrokerFixture broker) {
    return broker.broker().operations().tasks().list(TaskFilter.ANY, 0, 1_000).tasks().size();
  }

  static int pauses(BrokerFixture broker) {
    return broker.broker().operations().pauses().size();
  }

  static Map<String, Object> of(Answer answer, String broker) {
    return answer.list("brokers").stream()
        .filter(one -> broker.equals(one.get("broker")))
        .findFirst()
        .orElseThrow();
  }

  static List<String> told(Answer answer, String rows, String name) {
    return answer.list(rows).stream().map(row -> row.get("broker") + " " + row.get(name)).toList();
  }
}
