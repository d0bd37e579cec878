package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.taskbroker.adapters.http.admin.AdminRole;
import io.taskbroker.adapters.http.admin.AdminServer;
import io.taskbroker.adapters.http.admin.AdminSettings;
import io.taskbroker.adapters.http.admin.AdminToken;
import io.taskbroker.adapters.http.admin.KnownBrokers;
import io.taskbroker.adapters.http.admin.KnownBrokers.Known;
import io.taskbroker.adapters.http.admin.ShownSetting;
import io.taskbroker.adapters.http.admin.Surroundings;
import io.taskbroker.adapters.protobuf.ReadableActivations;
import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.application.letters.DeadLetterDesk;
import io.taskbroker.application.letters.Resending;
import io.taskbroker.application.operations.PartitionSight;
import io.taskbroker.application.operations.TaskReader;
import io.taskbroker.application.operations.TopicSight;
import io.taskbroker.application.rules.RulesOrigin;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.InMemoryLogLevels;
import io.taskbroker.testkit.broker.PlainLetters;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.topics.InMemoryDeadLetters;
import io.taskbroker.testkit.topics.ShownTopics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.msgpack.core.MessagePack;

/** A broker with its admin API, and what happens in it while somebody looks. */
final class Scene implements AutoCloseable {
  static final String VIEWER = "viewer-0123456789";
  static final String OPERATOR = "operator-0123456789";

  /** The broker's own payloads here hold the activation that a producer would have sent. */
  private static final TaskReader READER =
      payload -> new ReadableActivations().read(PlainTask.decode(payload).orElseThrow().body());

  private static final Duration STEP = Duration.ofSeconds(1);

  static final String REQUEUED = "requeued";
  private static final String LETTERS = "letters";

  final BrokerFixture broker;
  private final DeadLetterDesk desk;
  private final AdminServer server;

  /** What Kafka says of its topics. */
  final ShownTopics sights = new ShownTopics();

  private volatile RulesOrigin rules = RulesOrigin.NONE;

  Scene(Optional<AdminRole> withoutToken) {
    this(BrokerFixture.start(), withoutToken, KnownBrokers.NONE);
  }

  /**
   * @param brokers those that its pages show together with it
   */
  private Scene(BrokerFixture broker, Optional<AdminRole> withoutToken, KnownBrokers brokers) {
    this.broker = broker;
    desk =
        new DeadLetterDesk(
            new InMemoryDeadLetters(broker.topics(), LETTERS, new InMemoryDeadLetters.Shelf()),
            new Resending(LETTERS, Map.of(), REQUEUED, new PlainLetters()),
            broker.broker().operations(),
            broker.time(),
            SystemThreads.INSTANCE);
    server =
        AdminServer.start(
            new AdminSettings(
                    "127.0.0.1",
                    0,
                    64,
                    List.of(
                        new AdminToken("vera", AdminRole.VIEWER, VIEWER),
                        new AdminToken("otto", AdminRole.OPERATOR, OPERATOR)),
                    withoutToken,
                    List.of(),
                    AdminRole.OPERATOR)
                .with(brokers),
            broker.broker(),
            around(),
            broker.time());
  }

  private Surroundings around() {
    return new Surroundings(
        Optional.of(desk),
        sights,
        () -> rules,
        List.of(
            new ShownSetting(
                "Store",
                "store.max_pending_count",
                "15000",
                "2048",
                true,
                "broker.yml:7",
                "Intake is held while so many tasks wait."),
            new ShownSetting(
                "Store", "store.sync", "true", "true", false, "default", "Whether it is synced."),
            new ShownSetting(
                "kafka_clusters",
                "kafka_clusters.main.sasl_password",
                "******",
                null,
                true,
                "TASKBROKER_KAFKA_CLUSTERS__MAIN__SASL_PASSWORD",
                "Of the user.")),
        new InMemoryLogLevels(),
        READER,
        "1.2.3");
  }

  /** The same with others, as the broker {@code a}. */
  static Scene among(Known... others) {
    return new Scene(
        BrokerFixture.start(),
        Optional.of(AdminRole.ADMIN),
        new KnownBrokers("a", List.of(others)));
  }

  /** As another broker knows this one; its token is an operator's. */
  Known as(String name) {
    return new Known(name, url(""), Optional.of(OPERATOR));
  }

  /** For whoever is at this machine. */
  static Scene open() {
    return new Scene(Optional.of(AdminRole.ADMIN));
  }

  /** For whoever is at this machine; of a broker that is closed with it. */
  static Scene of(BrokerFixture broker) {
    return new Scene(broker, Optional.of(AdminRole.ADMIN), KnownBrokers.NONE);
  }

  String url(String path) {
    return "http://127.0.0.1:%d%s".formatted(server.port(), path);
  }

  void produce(Activations... tasks) {
    int before = stored();
    broker.produce(tasks);
    broker.await("the tasks", () -> stored() == before + tasks.length);
  }

  int stored() {
    return broker.broker().operations().tasks().list(TaskFilter.ANY, 0, 1_000).tasks().size();
  }

  /**
   * Lets time pass, and has each of the broker's threads come by in between: beside a clock that
   * leaps they would look hung.
   */
  void pass(Duration span) {
    for (Duration left = span; left.isPositive(); left = left.minus(STEP)) {
      broker.await("all threads", this::doAllThreadsFollow);
      broker.time().advance(left.compareTo(STEP) < 0 ? left : STEP);
    }
    broker.await("all threads", this::doAllThreadsFollow);
  }

  /** The same until it is so. */
  void passUntil(String what, BooleanSupplier isSo) {
    broker.await(
        what,
        () -> {
          boolean isOver = isSo.getAsBoolean();
          if (!isOver && doAllThreadsFollow()) {
            broker.time().advance(Duration.ofMillis(200));
          }
          return isOver;
        });
  }

  private boolean doAllThreadsFollow() {
    return broker.broker().health().overdue(Duration.ZERO).isEmpty();
  }

  boolean has(String id, String state) {
    return broker
        .broker()
        .operations()
        .tasks()
        .find(id)
        .filter(task -> task.state().status().name().equals(state))
        .isPresent();
  }

  static Activations later(String id) {
    return delayed(id, SettableTime.START.wallMs() + Duration.ofHours(1).toMillis());
  }

  /** What a producer would have sent: arguments in msgpack and zstd, and headers. */
  static byte[] sent(Map<String, String> headers, String... arguments) {
    try (var packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(2).packString("args").packArrayHeader(arguments.length + 1);
      packer.packLong(70_000_001);
      for (String argument : arguments) {
        packer.packString(argument);
      }
      packer.packString("kwargs").packMapHeader(1).packString("urgent").packBoolean(true);
      return TaskActivation.newBuilder()
          .putAllHeaders(headers)
          .putHeaders("compression-type", "zstd")
          .setRetryState(RetryState.newBuilder().setAttempts(1).setMaxAttempts(5))
          .setParametersBytes(ByteString.copyFrom(Zstd.compress(packer.toByteArray())))
          .build()
          .toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One of everything: tasks in each state, a stall, a pause, orders. */
  Scene lively() {
    broker
        .publisher()
        .refuse(BrokerFixture.DEAD_LETTERS, "unknown topic " + BrokerFixture.DEAD_LETTERS);
    produce(
        pending("0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e01")
            .namespace("mail")
            .deadLettered()
            .payload(sent(Map.of("traceparent", "00-6b2e-01"), "bob@example.org", "de_DE")));
    broker.report(broker.takeAs("10.4.7.31:40118"), Conclusion.FAILURE);
    broker.await("the stall", () -> !broker.broker().stalls().current().isEmpty());
    produce(
        pending("0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e02")
            .namespace("mail")
            .deadline(Duration.ofMinutes(2))
            .payload(sent(Map.of("traceparent", "00-7c1f-01"), "ann@example.org", "en_GB")));
    broker.takeAs("10.4.7.31:40118");
    for (int i = 0; i < 60; i++) {
      produceQuietly(i);
    }
    broker.await("all tasks", () -> stored() >= 62);
    produce(
        later("0198f3a2-4d70-7a1c-97e2-5bd01f7c6e24").namespace("mail").taskname("send_reminder"),
        pending("0198f3a2-6b55-7190-b3e8-40aa7dc1f06c")
            .application("billing")
            .namespace("invoices")
            .taskname("close_month"),
        pending("0198f3a2-6b55-7190-b3e8-40aa7dc1f06d")
            .application("search")
            .namespace("index")
            .taskname("reindex")
            .atMostOnce());
    letters();
    topics();
    rules();
    broker.time().advance(Duration.ofSeconds(4));
    return this;
  }

  /** Twelve seconds in which a task comes and two are done, each second. */
  void work() {
    for (int second = 0; second < 12; second++) {
      List<Delivered> taken =
          List.of(broker.takeAs("10.4.7.31:40119"), broker.takeAs("10.4.7.31:40119"));
      produce(
          pending("0198f3a3-10c4-7b27-92aa-04be1c33%04d".formatted(second)).namespace("orders"));
      pass(Duration.ofSeconds(1));
      taken.forEach(task -> broker.report(task, Conclusion.COMPLETE));
    }
  }

  private void produceQuietly(int i) {
    broker.produce(
        pending("0198f3a2-44e0-7b27-92aa-04be1c33%04d".formatted(i))
            .namespace(i % 3 == 0 ? "orders" : "mail")
            .taskname(i % 2 == 0 ? "send_receipt" : "unsubscribe"));
  }

  /** A dead letter of a task that would be sent again. */
  void letter(String id, String taskname, String error) {
    NewActivation task =
        pending(id)
            .namespace("mail")
            .taskname(taskname)
            .payload(sent(Map.of("traceparent", "00-7c1f-01"), "ann@example.org"))
            .arriving();
    broker
        .topics()
        .append(
            LETTERS,
            null,
            PlainTask.of(task.activation(), task.payload()).encode(),
            List.of(
                new Header(DeadLetterHeaders.REASON, utf8("a worker reported that it failed")),
                new Header(DeadLetterHeaders.ATTEMPTS, utf8("5")),
                new Header(DeadLetterHeaders.LAST_ERROR, utf8(error))));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void topics() {
    String address = "kafka-1:9092,kafka-2:9092";
    sights.show(
        new TopicSight(
            BrokerFixture.TOPIC,
            TopicSight.Use.READ,
            "main",
            address,
            "taskworker",
            null,
            List.of(
                new PartitionSight(0, "node 1 at kafka-1:9092", 0L, 76L, 60L, "consumer-1 at ::1"),
                new PartitionSight(
                    1, "node 2 at kafka-2:9092", 0L, 812L, 790L, "other at 10.0.0.7"),
                new PartitionSight(2, null, null, null, 44L, null))),
        new TopicSight(
            LETTERS,
            TopicSight.Use.WRITTEN,
            "main",
            address,
            null,
            null,
            List.of(new PartitionSight(0, "node 1 at kafka-1:9092", 0L, 56L, null, null))),
        new TopicSight(
            "orders",
            TopicSight.Use.READ,
            "other",
            "kafka-9:9092",
            "orders",
            "Kafka at kafka-9:9092 does not answer",
            List.of()));
  }

  /** Tasks named {@code newsletter} are dropped. */
  void rules() {
    rules = new RulesOrigin("/etc/taskbroker/rules.yml", SettableTime.START.wallMs(), null);
    broker
        .rules()
        .set(
            new Rules(
                new KillSwitch(
                    Set.of("newsletter"),
                    List.of(
                        new Selector(
                            "send_receipt",
                            Map.of(0, new Value.Text("spam@example.org")),
                            Map.of()))),
                new Demotion(Set.of("reports"), null, null)));
  }

  private void letters() {
    for (int i = 0; i < 55; i++) {
      letter(
          "0198f3a1-1c02-7d1e-9b41-6f0c2f8a%04d".formatted(i),
          i % 5 == 0 ? "index_document" : "send_receipt",
          i % 5 == 0
              ? "HTTPError: 503 from the index, shard %d not available".formatted(i)
              : "SMTPServerDisconnected: Connection unexpectedly closed");
    }
    broker.topics().append(LETTERS, null, new byte[] {1}, List.of());
  }

  void stop() {
    server.close();
  }

  @Override
  public void close() {
    server.close();
    desk.close();
    broker.close();
  }
}
