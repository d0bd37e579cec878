package io.taskbroker.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.OnAttemptsExceeded;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proving.machine.SmallDisk;
import io.taskbroker.workload.load.TaskFetch;
import io.taskbroker.workload.process.FairClock;
import io.taskbroker.workload.process.RulesFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Why nothing moves. Each cause that operators meet is brought about in the packaged broker, before
 * a real Kafka, with real workers and files. Within ten seconds it is named by a line of the log,
 * in the feed, in the events that pages live on, by the command {@code why} and on the open page,
 * and each says what to do.
 *
 * <p>{@code target/ten-stalls.txt} tells how long each took; {@code target/screenshots} shows the
 * pages. All but the one that takes a real Kafka are in {@link StallsTest}, too, on a clock that
 * keeps nobody waiting; so here they are played on demand, with {@code -Dstalls=all}.
 */
@ExtendWith(NeedsBrowser.class)
@Timeout(600)
class TenStallsTest {
  private static final String ASKED = "stalls";
  private static final String ALL = "all";
  private static final String NO_DEMOTION = "demoted_namespaces: []\n";
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Path TIMES = Path.of("target", "ten-stalls.txt");
  private static final Browser BROWSER = new Browser();
  private static final List<String> LINES = new ArrayList<>();

  @TempDir static Path shared;
  private static @Nullable Kafka kafka;

  @TempDir Path folder;

  /** One for all, as soon as it is wanted. */
  private static Kafka kafka() {
    Kafka running = kafka;
    if (running == null) {
      running =
          EmbeddedKafka.start(NodeSettings.in(shared.resolve("kafka")), NodeSettings.patient());
      kafka = running;
    }
    return running;
  }

  @AfterAll
  static void stop() throws IOException {
    BROWSER.close();
    Kafka running = kafka;
    if (running != null) {
      running.close();
    }
    Files.write(TIMES, LINES);
  }

  @AfterEach
  void forget() {
    BROWSER.forget();
  }

  // ---------------------------------------------------------------- workers

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void noWorkerForAnApplication() {
    try (PackagedBroker broker = PackagedBroker.start(folder, kafka())) {
      watch(broker);
      FairClock clock = FairClock.start();
      broker.send(task("a", "shop", "mail"));

      assertNamed(
          "01-no-worker",
          broker,
          clock,
          Said.standstill(
              "Application 'shop'",
              "1 task waits, and no worker has asked for that since the broker started",
              "Start a worker of that application"));
    }
  }

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void workersThatHangUntilDeadlines() {
    try (PackagedBroker broker = PackagedBroker.start(folder, kafka())) {
      broker.store(
          task("a", "shop", "mail").setProcessingDeadlineDuration(1),
          task("b", "shop", "mail").setProcessingDeadlineDuration(1));
      watch(broker);
      TaskFetch worker = broker.worker();
      take(worker, "shop");
      FairClock clock = FairClock.start();
      take(worker, "shop");

      assertNamed(
          "05-hanging-workers",
          broker,
          clock,
          Said.standstill(
              "Work of application 'shop'",
              "2 deadlines have passed since a worker last reported on a task",
              "Look at what the workers hang in"));
    }
  }

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void aPoisonTaskThatIsHandedOutAgainAndAgain_whileOthersAreDone() {
    try (PackagedBroker broker = PackagedBroker.start(folder, kafka())) {
      TaskFetch worker = broker.worker();
      broker.store(task("poison", "shop", "resize").setProcessingDeadlineDuration(1));
      watch(broker);
      take(worker, "shop");
      doAnother(broker, worker, "good-1");
      FairClock clock = FairClock.start();
      assertThat(take(worker, "shop").getId()).isEqualTo("poison");
      doAnother(broker, worker, "good-2");

      assertNamed(
          "07-poison",
          broker,
          clock,
          Said.standstill(
              "Task name 'resize' of application 'shop'",
              "task 'poison' was handed out 2 times, and each time its deadline of 1 s passed",
              "look at its arguments, then 'cancel' it"));
    }
  }

  /** A worker does another task, and says so once the poison's deadline has passed again. */
  private static void doAnother(PackagedBroker broker, TaskFetch worker, String id) {
    broker.store(task(id, "shop", "mail"));
    assertThat(take(worker, "shop").getId()).isEqualTo(id);
    broker.awaitMissed("poison", id.equals("good-1") ? 1 : 2);
    worker.complete(id);
  }

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void everyWorkerIsRefused_asItsSecretIsWrong() {
    var secret = Map.<String, Object>of("grpc_shared_secret", List.of("s3cret-of-the-broker"));
    try (PackagedBroker broker = PackagedBroker.start(folder, kafka(), secret)) {
      watch(broker);
      TaskFetch worker = broker.worker();
      FairClock clock = FairClock.start();
      for (int call = 0; call < 4; call++) {
        assertThatThrownBy(() -> take(worker, "shop")).hasMessageContaining("UNAUTHENTICATED");
      }

      assertNamed(
          "11-wrong-secret",
          broker,
          clock,
          Said.standstill(
              "Every call of workers",
              "4 calls in a row were refused for their signature; the last came from 127.0.0.1:",
              "Give the workers one of the secrets in grpc_shared_secret"));
    }
  }

  // ---------------------------------------------------------------- what somebody wants

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void anApplicationThatIsPaused() {
    try (PackagedBroker broker = PackagedBroker.start(folder, kafka())) {
      broker.store(task("a", "shop", "mail"), task("b", "shop", "mail"));
      take(broker.worker(), "shop");
      watch(broker);
      FairClock clock = FairClock.start();
      broker.said("pause", "--application", "shop", "--reason", "a deploy", "--yes");

      assertNamed(
          "02-paused",
          broker,
          clock,
          new Said(
              List.of("pause application 'shop'", "a deploy"),
              "Tasks of application 'shop'",
              "paused by local, because: a deploy",
              "End the pause with 'resume'",
              "but for what is paused"));
    }
  }

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void aKillSwitchInForce() {
    RulesFolder rules =
        RulesFolder.create(folder.resolve("rules"), "drop_task_killswitch: []\n" + NO_DEMOTION);
    var path = Map.<String, Object>of("runtime_config_path", rules.file().toString());
    try (PackagedBroker broker = PackagedBroker.start(folder, kafka(), path)) {
      watch(broker);
      FairClock clock = FairClock.start();
      rules.replace("drop_task_killswitch: [mail]\n" + NO_DEMOTION);

      assertNamed(
          "03-kill-switch",
          broker,
          clock,
          new Said(
              List.of("are in force: tasks dropped [mail]"),
              "Tasks named 'mail'",
              "a kill switch drops all of them",
              "Take it out of the file of rules",
              "rules"));
      broker.send(task("killed", "shop", "mail"));
      broker.store(task("spared", "shop", "print"));
      assertThat(broker.isStored("killed")).isFalse();
    }
  }

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void tasksThatAreDelayedIntoTheFuture() {
    try (PackagedBroker broker = PackagedBroker.start(folder, kafka())) {
      watch(broker);
      FairClock clock = FairClock.start();
      broker.send(task("a", "shop", "mail").setDelay(Duration.ofHours(3).toSeconds()));

      assertNamed(
          "06-delayed",
          broker,
          clock,
          new Said(
              List.of("All that is stored: its producer has delayed the one task", "run-now"),
              "All that is stored",
              "its producer has delayed the one task that is here; it is due in 2 h",
              "Wait, or let them run at once with 'run-now'",
              "waits for its time"));
    }
  }

  // ---------------------------------------------------------------- limits

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void maxPendingCount_filledByAnApplicationThatIsAbsent() {
    var limit = Map.<String, Object>of("store.max_pending_count", 3);
    try (PackagedBroker broker = PackagedBroker.start(folder, kafka(), limit)) {
      broker.store(task("1", "gone", "mail"), task("2", "gone", "mail"), task("3", "gone", "mail"));
      watch(broker);
      FairClock clock = FairClock.start();
      broker.send(task("late", "shop", "mail"));

      assertNamed(
          "04-pending-limit",
          broker,
          clock,
          Said.standstill(
              "Intake of topic " + broker.topic(),
              "as many tasks are pending as store.max_pending_count allows: 3 of application"
                  + " 'gone' (nobody has asked for them since the start)",
              "start or add workers of the applications named"));
    }
  }

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void aLimitOfBytes_reachedByOneLargeTask() {
    var limit = Map.<String, Object>of("store.max_size", 1_000_000);
    try (PackagedBroker broker = PackagedBroker.start(folder, kafka(), limit)) {
      byte[] large = new byte[1_200_000];
      new Random(1).nextBytes(large);
      broker.store(task("big", "shop", "report").setParametersBytes(ByteString.copyFrom(large)));
      watch(broker);
      FairClock clock = FairClock.start();
      broker.send(task("late", "shop", "mail"));

      assertNamed(
          "10-one-large-task",
          broker,
          clock,
          Said.standstill(
              "Intake of topic " + broker.topic(),
              "1.2 MB of all tasks are task 'big' ('report' of application 'shop')",
              "'cancel' a task that is named here"));
    }
  }

  // ---------------------------------------------------------------- disk and Kafka

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void aDiskThatIsFull() throws IOException {
    assumeTrue(SmallDisk.isAllowed(), SmallDisk.NEEDS);
    SmallDisk disk = new SmallDisk(Files.createDirectory(folder.resolve("disk")).toAbsolutePath());
    var store =
        Map.<String, Object>of(
            "store.sqlite.path", disk.folder().resolve("inflight.sqlite").toString());
    try (var broker = new PackagedBroker(folder, kafka(), disk.with("size=24m"), store)) {
      broker.store(task("a", "shop", "mail"));
      watch(broker);
      FairClock clock = FairClock.start();
      disk.fill(broker.process(), 0);
      byte[] payload = new byte[1_000_000];
      new Random(1).nextBytes(payload);
      broker.send(task("late", "shop", "mail").setParametersBytes(ByteString.copyFrom(payload)));

      assertNamed(
          "08-full-disk",
          broker,
          clock,
          Said.standstill(
                  "Intake of topic " + broker.topic(),
                  "disk is full",
                  "Free space on the file system of " + disk.folder())
              .below("not ready"));
    }
  }

  @Test
  void aKafkaThatGoesAway_whileItIsRead() {
    try (Away away = new Away(folder.resolve("kafka"));
        PackagedBroker broker = PackagedBroker.start(folder, away.node)) {
      watch(broker);
      FairClock clock = FairClock.start();
      away.go();

      assertNamed(
          "09-kafka-away",
          broker,
          clock,
          Said.standstill(
              "reading of topic '%s'".formatted(broker.topic()),
              "Kafka at %s does not answer".formatted(away.node.address()),
              "Check that it runs"));
    }
  }

  /** A Kafka that goes once, at the end at the latest. */
  private static final class Away implements AutoCloseable {
    private final Kafka node;
    private boolean isThere = true;

    Away(Path folder) {
      node = EmbeddedKafka.start(NodeSettings.in(folder), NodeSettings.patient());
    }

    void go() {
      if (isThere) {
        isThere = false;
        node.close();
      }
    }

    @Override
    public void close() {
      go();
    }
  }

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ALL)
  void aDeadLetterTopicThatIsMissing() {
    try (PackagedBroker broker = PackagedBroker.start(folder, kafka())) {
      broker.topics().delete(broker.deadLetterTopic());
      broker.store(
          task("a", "shop", "mail")
              .setRetryState(
                  RetryState.newBuilder()
                      .setOnAttemptsExceeded(OnAttemptsExceeded.ON_ATTEMPTS_EXCEEDED_DEADLETTER)));
      watch(broker);
      TaskFetch worker = broker.worker();
      take(worker, "shop");
      FairClock clock = FairClock.start();
      worker.fail("a");

      assertNamed(
          "09-no-dead-letter-topic",
          broker,
          clock,
          Said.standstill(
              "Publishing dead letters to topic " + broker.deadLetterTopic(),
              "does not exist",
              "create_missing_topics"));
    }
  }

  // ---------------------------------------------------------------- how it is judged

  /** Somebody has the overview open, and nothing stands still. */
  private static void watch(PackagedBroker broker) {
    BROWSER.themed("light").sized(1280, 900).open(broker.url("/"));
  }

  private static void assertNamed(String shot, PackagedBroker broker, FairClock clock, Said said) {
    try (clock;
        Witnesses witnesses = new Witnesses(broker, BROWSER, said)) {
      Map<String, Duration> spoken = witnesses.awaitAll(clock, LIMIT);
      LINES.add("%-26s %s".formatted(shot, Witnesses.words(spoken)));
    }
    BROWSER.screenshot("stall-" + shot);
    BROWSER.assertSound(shot);
  }

  private static TaskActivation.Builder task(String id, String application, String taskname) {
    Instant now = Instant.now();
    return TaskActivation.newBuilder()
        .setId(id)
        .setApplication(application)
        .setNamespace("orders")
        .setTaskname(taskname)
        .setReceivedAt(
            Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()))
        .setProcessingDeadlineDuration(60);
  }

  private static TaskActivation take(TaskFetch worker, String application) {
    return worker.await(GetTaskRequest.newBuilder().setApplication(application).build(), PATIENCE);
  }
}
