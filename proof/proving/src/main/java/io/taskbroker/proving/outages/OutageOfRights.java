package io.taskbroker.proving.outages;

import io.taskbroker.embeddedkafka.SecuredKafka;
import io.taskbroker.embeddedkafka.SecuredKafka.Door;
import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.Grants;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.acl.AclOperation;

/** The broker's user loses one right after the other while tasks come, and gets each back. */
final class OutageOfRights implements Part {
  private static final String TOPIC = "outage-rights";
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration LONGER = Duration.ofSeconds(10);
  private static final int STORED = 400;
  private static final int RETRIED_TASKS = 20;
  private static final int MEANWHILE = 50;

  private static final TaskKind SLOW =
      TaskKind.quick("outage.rights").working(Duration.ofMillis(100));
  private static final TaskKind RETRIED = TaskKind.quick("outage.rights.retried").retrying(1);

  /** Whoever has no name may do everything, the broker's user what it is granted. */
  private static final Map<String, String> ASKING =
      Map.of(
          "authorizer.class.name",
          "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
          "super.users",
          "User:ANONYMOUS");

  /**
   * A right without which something is stalled.
   *
   * @param what is stalled, as the log calls it
   * @param why as the log says it
   */
  private record Right(String name, Runnable give, Runnable take, String what, String why) {}

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (SecuredKafka kafka = SecuredKafka.start(stage.folder().resolve("kafka"), ASKING);
        Grants grants = Grants.at(kafka.address(), SecuredKafka.USER);
        Rig rig = Rig.of(stage.folder(), kafka.address(), TOPIC, asTheUser(kafka))) {
      List<Right> rights = rights(grants);
      rights.forEach(right -> right.give().run());
      try (BrokerProcess broker = rig.startBroker();
          StoreWindow view = rig.view();
          var _ = rig.startWorkers(rig.workers(8, 2), SLOW, RETRIED)) {
        for (Right right : rights) {
          playWithout(right, rig, broker, verdict);
          stage.say(right.name() + " was taken away and given back");
        }
        rig.awaitNothingLeft(view, PATIENCE);
        int exit = broker.stop(ProcessSignal.TERM).code();
        Account account = rig.ledger().account();
        verdict
            .expect("rights.completed", account.produced(), account.completed())
            .expect("rights.retried", (long) RETRIED_TASKS * rights.size(), account.retried())
            .expect("rights.lost", 0, account.open())
            .expect("rights.repeated", 0, account.repeats())
            .expectNone("rights.error_lines", rig.settings().errorLines())
            .expect("rights.exit", 0, exit);
      }
    }
  }

  private static List<Right> rights(Grants grants) {
    String reading = "reading of topic '" + TOPIC + "'";
    return List.of(
        new Right(
            "reading",
            () -> grants.giveTopic(TOPIC, AclOperation.READ),
            () -> grants.takeTopic(TOPIC, AclOperation.READ),
            reading,
            "Kafka denies access to topic '" + TOPIC + "'"),
        new Right(
            "the group",
            () -> grants.giveGroup(TOPIC),
            () -> grants.takeGroup(TOPIC),
            reading,
            "Kafka does not let us join consumer group '" + TOPIC + "'"),
        new Right(
            "writing",
            () -> grants.giveTopic(TOPIC, AclOperation.WRITE),
            () -> grants.takeTopic(TOPIC, AclOperation.WRITE),
            "Publishing retries to topic " + TOPIC,
            "Kafka denies access to topic '" + TOPIC + "'"));
  }

  /** While it is missing, workers go on with what is stored, for longer than the broker rests. */
  private static void playWithout(Right right, Rig rig, BrokerProcess broker, Verdict verdict) {
    String goesOn = right.what() + " goes on";
    long endedBefore = broker.lines(goesOn);
    rig.producer().produce(SLOW, STORED);
    rig.producer().flush();
    Waiting.untilNothingLeft("all is taken in", PATIENCE, () -> rig.topics().lag(TOPIC, TOPIC));
    long then = rig.ledger().account().completed();
    right.take().run();
    long takenAt = System.nanoTime();
    rig.producer().produce(RETRIED, RETRIED_TASKS);
    rig.producer().produce(SLOW, MEANWHILE);
    rig.producer().flush();
    broker.awaitLine(PATIENCE, right.what() + " is stalled: " + right.why(), "Grant");
    long saidNanos = System.nanoTime() - takenAt;
    Waiting.pause(LONGER);
    long done = rig.ledger().account().completed() - then;
    broker.awaitServing(PATIENCE);
    right.give().run();
    rig.awaitEnds(PATIENCE);
    Waiting.until("it goes on", PATIENCE, () -> broker.lines(goesOn) > endedBefore);
    verdict
        .show(name(right, "said_after_ms"), TimeUnit.NANOSECONDS.toMillis(saidNanos))
        .atLeast(name(right, "done_without"), STORED, done)
        .expect(name(right, "ends"), 1, broker.lines(goesOn) - endedBefore);
  }

  private static String name(Right right, String figure) {
    return "rights." + right.name().replace("the ", "") + "." + figure;
  }

  private static Map<String, Object> asTheUser(SecuredKafka kafka) {
    String cluster = "kafka_clusters.default.";
    Map<String, Object> settings = new HashMap<>();
    settings.put(cluster + "address", kafka.address(Door.SASL_PLAINTEXT));
    settings.put(cluster + "security_protocol", "sasl_plaintext");
    settings.put(cluster + "sasl_mechanism", "SCRAM-SHA-256");
    settings.put(cluster + "sasl_username", SecuredKafka.USER);
    settings.put(cluster + "sasl_password", SecuredKafka.PASSWORD);
    return settings;
  }
}
