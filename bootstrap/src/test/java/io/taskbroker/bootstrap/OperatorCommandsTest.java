package io.taskbroker.bootstrap;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminRole;
import io.taskbroker.adapters.http.admin.AdminServer;
import io.taskbroker.adapters.http.admin.AdminSettings;
import io.taskbroker.adapters.http.admin.ShownSetting;
import io.taskbroker.adapters.http.admin.Surroundings;
import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.letters.DeadLetterDesk;
import io.taskbroker.application.letters.Resending;
import io.taskbroker.application.operations.PartitionSight;
import io.taskbroker.application.operations.TaskContents;
import io.taskbroker.application.operations.TopicSight;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.application.rules.RulesOrigin;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.InMemoryLogLevels;
import io.taskbroker.testkit.broker.PlainLetters;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.topics.InMemoryDeadLetters;
import io.taskbroker.testkit.topics.ShownTopics;
import io.taskbroker.testkit.workers.InMemoryWorkers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands of operators, against the admin API of a broker, over its socket. */
class OperatorCommandsTest {
  private static final AdminSettings SETTINGS =
      new AdminSettings(
          "127.0.0.1",
          0,
          64,
          List.of(),
          Optional.of(AdminRole.ADMIN),
          List.of(),
          AdminRole.OPERATOR);

  private final BrokerFixture broker = BrokerFixture.start();
  private final DeadLetterDesk desk =
      new DeadLetterDesk(
          new InMemoryDeadLetters(
              broker.topics(), BrokerFixture.DEAD_LETTERS, new InMemoryDeadLetters.Shelf()),
          new Resending(BrokerFixture.DEAD_LETTERS, Map.of(), "again", new PlainLetters()),
          broker.broker().operations(),
          broker.time(),
          SystemThreads.INSTANCE);
  private final ShownTopics topics = new ShownTopics();
  private final AdminServer server =
      AdminServer.start(SETTINGS, broker.broker(), around(), broker.time());
  private final int port = server.port();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private Surroundings around() {
    return new Surroundings(
        Optional.of(desk),
        topics,
        () -> new RulesOrigin("rules.yml", SettableTime.START.wallMs(), null),
        List.of(
            new ShownSetting("Store", "store.path", "/data", "tasks.sqlite", true, "b.yml:3", ""),
            new ShownSetting("Store", "store.sync", "true", "true", false, "default", "")),
        new InMemoryLogLevels(),
        payload ->
            new TaskContents(
                Map.of("trace", "00-7c1f-01"),
                0,
                1,
                "JSON",
                payload.length,
                null,
                new String(PlainTask.decode(payload).orElseThrow().body(), UTF_8),
                null),
        "1.2.3");
  }

  @AfterEach
  void close() {
    server.close();
    desk.close();
    broker.close();
  }

  private int run(String... words) {
    return runAt(port, words);
  }

  private int runAt(int port, String... words) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine line = TaskbrokerCommand.line(Map.of());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--broker");
    all.add("http://127.0.0.1:" + port);
    return line.execute(all.toArray(String[]::new));
  }

  private void produce(Activations... tasks) {
    int before = stored();
    broker.produce(tasks);
    broker.await("the tasks", () -> stored() == before + tasks.length);
  }

  private int stored() {
    return broker.broker().operations().tasks().list(TaskFilter.ANY, 0, 1_000).tasks().size();
  }

  private static Activations far(String id) {
    return delayed(id, SettableTime.START.wallMs() + 600_000);
  }

  @Test
  void status_showsHowTheBrokerIs_andExitsWith1IfItIsNotReady() {
    produce(pending("a"), far("b"));

    assertThat(run("status")).isZero();
    assertThat(out.toString()).contains("taskbroker 1.2.3: ready").containsPattern("pending +1");
    broker.time().advance(Duration.ofSeconds(303));
    run("status"); // whether it is ready after such a leap is not the question
    assertThat(out.toString()).containsPattern("no worker has had waits for 5 min \\d s");

    broker.broker().drain();
    assertThat(run("status")).isEqualTo(1);
    assertThat(out.toString()).contains("not ready, the broker is stopping");
  }

  @Test
  void kafka_showsHowFarTopicsAreRead_andWhatHoldsThemUp() {
    assertThat(run("kafka")).isZero();
    assertThat(out.toString()).isEmpty();
    topics.show(
        new TopicSight(
            "tasks",
            TopicSight.Use.READ,
            "main",
            "kafka:9092",
            "workers",
            "the group could not be asked",
            List.of(
                new PartitionSight(0, "node 1", 0L, 9L, 4L, "other at 10.0.0.7"),
                new PartitionSight(1, null, null, null, 2L, null))));
    broker.time().advance(Duration.ofSeconds(2));

    assertThat(run("kafka")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("tasks +0 +9 +- +- +4 +5 +other at 10.0.0.7"))
        .anySatisfy(line -> assertThat(line).matches("tasks +1 +- +- +- +2 +- +-"))
        .contains(
            "tasks: the group could not be asked.",
            "tasks, partition 1: no node leads it: nothing of it can be read or written.");
  }

  @Test
  void rules_showsWhatIsInForce_andWhereItIsWritten() {
    assertThat(run("rules")).isZero();
    assertThat(out.toString()).contains("No rule is in force.", "From rules.yml, in force since");
    broker
        .rules()
        .set(
            new Rules(
                new KillSwitch(
                    Set.of("newsletter"),
                    List.of(new Selector("mail", Map.of(), Map.of("to", new Value.Text("spam"))))),
                new Demotion(Set.of("reports"), null, null)));

    assertThat(run("rules")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("drop +newsletter +always +0 +0 +-"))
        .anySatisfy(
            line -> assertThat(line).matches("drop by arguments +mail +to is \"spam\" +0 +0 +-"))
        .anySatisfy(
            line -> assertThat(line).matches("send off +reports +kafka_long_topic +0 +0 +-"));
  }

  @Test
  void aRule_isADryRunWithoutYes_andEndsByItsId() {
    broker.rules().readOrders(RuleTexts::read);
    produce(pending("a").taskname("mail"), far("b").taskname("mail"), pending("c"));

    assertThat(run("rules", "set", "--drop", "mail")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("drop +mail +always +2 +1 .*, 1 .*"))
        .contains("Nothing was changed. Add --yes to put it in force, for all that come, too.");
    assertThat(run("rules")).isZero();
    assertThat(out.toString()).contains("No rule is in force.");

    assertThat(run("rules", "set", "--drop", "mail", "--for", "2h", "--reason", "a loop", "--yes"))
        .isZero();
    assertThat(out.toString())
        .contains("In force: drop mail (always). Order ", "; because: a loop");
    broker.await("the drop", () -> stored() == 1);
    broker.time().advance(Duration.ofSeconds(2)); // numbers are some moments old
    assertThat(run("rules")).isZero();
    assertThat(out.toString()).containsPattern("drop +mail +always +0 +2 +\\w+");
    String id = broker.broker().rules().orders().getFirst().id();
    assertThat(run("rules", "end", id, "--reason", "mended")).isZero();
    assertThat(run("rules", "end", id)).isEqualTo(1);
    assertThat(err.toString()).contains("No order of rules '%s' is in force".formatted(id));
  }

  @Test
  void rules_areTriedFromAFile_andHaveToBeSaid(@TempDir Path folder) throws IOException {
    broker.rules().readOrders(RuleTexts::read);
    produce(pending("a").taskname("mail").namespace("reports"), pending("b").namespace("reports"));
    Path file =
        Files.writeString(
            folder.resolve("new.yml"),
            """
            drop_task_killswitch:
              - mail
              - name: mail
                select_kwarg: {to: spam}
            demoted_namespaces: [reports]
            demoted_topic: slow
            """);

    assertThat(run("rules", "try", "--file", file.toString())).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("drop +mail +always +1 +1 pending"))
        .anySatisfy(line -> assertThat(line).matches("drop by arguments +mail +to is .* +0 +-"))
        .anySatisfy(line -> assertThat(line).matches("send off +reports +topic 'slow' +2 .*"));
    assertThat(run("rules", "set", "--file", file.toString(), "--yes")).isEqualTo(1);
    assertThat(err.toString()).contains("an order has one rule, and this text has 3");
    assertThat(run("rules", "try")).isEqualTo(2);
    assertThat(err.toString()).contains("Say which rules");
    assertThat(run("rules", "set", "--drop", "a", "--for", "soon", "--yes")).isEqualTo(2);
    assertThat(err.toString()).contains("'soon' is no time such as 90s, 10m, 2h or 1d");
  }

  @Test
  void logLevel_showsWhatIsLogged_changesIt_andGoesBack() {
    assertThat(run("log-level")).isZero();
    assertThat(out.toString()).contains("Logged as configured: info");

    assertThat(run("log-level", "debug", "taskbroker::store", "--for", "10m", "--reason", "slow"))
        .isZero();
    assertThat(out.toString())
        .contains("Logged as configured: info")
        .contains("taskbroker::store at debug, by local since ", "; because: slow");
    assertThat(run("log-level", "trace")).isZero();
    assertThat(out.toString()).contains("all at trace, by local since ", "until somebody ends it");
    assertThat(run("log-level", "configured", "taskbroker::store")).isZero();
    assertThat(out.toString()).doesNotContain("taskbroker::store");
    assertThat(run("log-level", "configured", "taskbroker::store")).isEqualTo(1);
    assertThat(run("log-level", "loud")).isEqualTo(1);
    assertThat(err.toString()).contains("'loud' is no level");
    assertThat(run("log-level", "configured", "--for", "10m")).isEqualTo(2);
    assertThat(run("audit")).isZero();
    assertThat(out.toString()).contains("log taskbroker::store at debug until ");
  }

  @Test
  void configuration_showsEachValue_orOnlyWhatWasWritten() {
    assertThat(run("configuration")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("store.path +/data +tasks.sqlite +b.yml:3"))
        .anySatisfy(line -> assertThat(line).matches("store.sync +true +true +-"));
    assertThat(run("configuration", "--given")).isZero();
    assertThat(out.toString()).contains("store.path").doesNotContain("store.sync");
  }

  @Test
  void queues_tasks_andATask_areShown() {
    produce(
        pending("a\u001b[31m").application("shop").taskname("mail"),
        far("b").application("shop").taskname("pay"));

    assertThat(run("queues")).isZero();
    assertThat(out.toString().lines().skip(1))
        .anySatisfy(line -> assertThat(line).matches("shop +\\S+ +mail +1 +0 s +0 +0 +0 +0 +0"))
        .anySatisfy(line -> assertThat(line).matches("shop +\\S+ +pay +0 +- +1 +0 +0 +0 +0"));
    assertThat(run("tasks", "--application", "shop", "--state", "pending")).isZero();
    assertThat(out.toString()).contains("a\\u001b[31m").doesNotContain("\u001b");
    assertThat(run("tasks", "--application", "bank")).isEqualTo(1);
    assertThat(out.toString()).contains("No such task is stored.");
    assertThat(run("tasks", "--state", "delayed")).isZero();
    assertThat(out.toString()).contains("due 2026-03-02T12:10:00Z");
    assertThat(run("tasks", "--limit", "1")).isZero();
    assertThat(out.toString()).contains("There may be more");
    assertThat(run("task", "b")).isZero();
    assertThat(out.toString()).contains("delayed until", "its delay is over in 10 min");
    assertThat(run("tasks", "--json", "--id-part", "b")).isZero();
    assertThat(out.toString()).startsWith("{").contains("\"id\" : \"b\"");
  }

  @Test
  void tasks_areFoundByTheirAge_andEndedByIt() {
    produce(pending("old").receivedAt(SettableTime.START.wallMs() - 600_000), pending("new"));

    assertThat(run("tasks", "--older-than", "10m")).isZero();
    assertThat(out.toString()).contains("old").doesNotContain("new");
    assertThat(run("tasks", "--older-than", "11m")).isEqualTo(1);
    assertThat(run("tasks", "--older-than", "soon")).isEqualTo(2);
    assertThat(run("cancel", "--older-than", "1m", "--yes")).isZero();
    assertThat(out.toString()).contains("1 task was cancelled");
    assertThat(run("tasks")).isZero();
    assertThat(out.toString()).contains("new").doesNotContain("old ");
  }

  @Test
  void aTask_isShownWithItsArguments_byKind_orAsTheyAreForAReason() {
    produce(pending("a").payload("[\"ann@example.org\"]".getBytes(UTF_8)));

    assertThat(run("task", "a")).isZero();
    assertThat(out.toString())
        .contains("Arguments (", "text, 15 characters", "Kinds and lengths only. --arguments")
        .containsPattern("trace +text, 10 characters")
        .doesNotContain("ann@example.org");
    assertThat(run("task", "a", "--arguments", "--reason", "a customer asks")).isZero();
    assertThat(out.toString())
        .contains("\"ann@example.org\"")
        .containsPattern("trace +00-7c1f-01")
        .doesNotContain("Kinds and lengths only");
    assertThat(run("audit")).isZero();
    assertThat(out.toString()).contains("show the arguments of task 'a'", "a customer asks");
  }

  @Test
  void aTaskThatHasFailed_saysWhy_inALineForEachFact() {
    produce(pending("a"));
    broker.report(broker.take(), Conclusion.FAILURE);
    broker.await("its end", () -> broker.broker().vitals().flow().ended() == 1);

    assertThat(run("task", "a")).isZero();

    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("failure cause +reported"))
        .anySatisfy(line -> assertThat(line).matches("failure at +2026-.*"))
        .noneSatisfy(line -> assertThat(line).contains("\\n"));
  }

  @Test
  void queues_sayHowLongTasksWaitedAndRan_andWhatComesAndGoes() {
    assertThat(run("queues")).isZero();
    produce(pending("b").application("shop"));
    broker.report(broker.take(), Conclusion.COMPLETE);
    broker.await("its end", () -> broker.broker().vitals().flow().ended() == 1);
    produce(pending("a").application("shop").taskname("mail"));
    broker.time().advance(Duration.ofSeconds(6));

    assertThat(run("queues")).isZero();

    assertThat(out.toString().lines())
        .anySatisfy(
            line -> assertThat(line).matches("shop +1 +0[.]333 +0[.]167 +never, at these rates"))
        .anySatisfy(line -> assertThat(line).matches("shop +orders +mail +1 +6 s +0 +0 +0 +0 +0"));
    assertThat(out.toString()).contains("Ended in the last 6 s:");
  }

  @Test
  void upcoming_listsWhatRunsNext() {
    assertThat(run("upcoming")).isZero();
    assertThat(out.toString()).contains("No task is delayed.");
    produce(far("b").taskname("pay"), pending("now"));

    assertThat(run("upcoming")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("2026-03-02T12:10:00Z +shop +orders +pay +b"));
  }

  @Test
  void why_andWorkers_nameTheApplicationThatNobodyWorksFor() {
    assertThat(run("why")).isZero();
    assertThat(out.toString()).contains("Nothing is known to stand still.");

    produce(pending("a").application("shop"));

    assertThat(run("why")).isZero();
    assertThat(out.toString())
        .contains("Application 'shop': 1 task waits, and no worker has asked for that");
    assertThat(run("why", "a")).isZero();
    assertThat(out.toString()).contains("Task 'a'");
    assertThat(run("workers")).isZero();
    assertThat(out.toString()).contains("shop").contains("not since the broker started");
  }

  @Test
  void workers_tellsWhomTheBrokerCalls_andWhyTheyTakeNothing() {
    InMemoryWorkers workers = InMemoryWorkers.of("shop");
    workers.answer("shop", new Answer.Refused("away"));
    try (BrokerFixture calling = BrokerFixture.builder().workers(workers).start();
        AdminServer own = AdminServer.start(SETTINGS, calling.broker(), around(), calling.time())) {
      calling.produce(pending("a").application("shop"));
      calling.await("a refused push", () -> !calling.broker().stalls().current().isEmpty());

      assertThat(runAt(own.port(), "workers")).isZero();

      assertThat(out.toString().lines())
          .anySatisfy(line -> assertThat(line).matches("in-memory:1 +shop +1 +1 +0 +away"));
      assertThat(out.toString()).doesNotContain("No worker has asked");
    }
  }

  @Test
  void workers_andTask_tellWhoHasATask() {
    assertThat(run("workers")).isZero();
    assertThat(out.toString()).contains("No worker has asked for tasks in the last ten minutes.");
    produce(pending("a").application("shop"));
    broker.takeAs("10.0.0.5:41234");
    broker.broker().dispatch().programs().tells("10.0.0.5:41234", "mail/2.7\u001b[31m");

    assertThat(run("workers")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(
            line ->
                assertThat(line)
                    .matches(
                        "10.0.0.5:41234 +mail/2.7.u001b.31m +anything +2026-03-02T12:00:00Z +- +1"
                            + " +2026-03-02T12:00:00Z"));
    assertThat(run("workers", "--json")).isZero();
    assertThat(out.toString()).contains("\"applications\"", "\"asks_for\"");
    assertThat(run("task", "a")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("worker +10.0.0.5:41234"));
  }

  @Test
  void top_showsOnePicture_whereThereIsNoTerminal() {
    produce(pending("a\u001b[31m").application("shop").taskname("mail"), far("b"));

    assertThat(run("top")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).startsWith("taskbroker 1.2.3 at http://127.0.0.1:"))
        .anySatisfy(line -> assertThat(line).startsWith("since the start 2 in, 0 over"))
        .anySatisfy(line -> assertThat(line).startsWith("1 pending   1 delayed   "))
        .anySatisfy(line -> assertThat(line).matches("shop +\\S+ +mail +1 +0 s +0 +0 +0"))
        .anySatisfy(line -> assertThat(line).startsWith("! Application 'shop': 1 task waits"))
        .anySatisfy(line -> assertThat(line).matches("shop +1 +0 s +not since the broker started"));
    assertThat(out.toString()).doesNotContain("\u001b");
    assertThat(run("top", "--json")).isZero();
    assertThat(out.toString()).contains("\"explanations\"", "\"queues\"");
  }

  @Test
  void tasksThatHaveEnded_areListed() {
    produce(pending("a"));
    run("cancel", "a");

    assertThat(run("tasks", "--state", "complete", "--outcome", "cancelled")).isZero();
    assertThat(out.toString()).containsPattern("a +.* cancelled ");
    assertThat(run("tasks", "--state", "complete", "--outcome", "retried")).isEqualTo(1);
    assertThat(run("task", "a")).isZero();
    assertThat(out.toString()).contains("outcome", "local has cancelled it");
  }

  @Test
  void anOrderAboutOneTask_isCarriedOut_andRefusedInWords() {
    produce(far("a"));

    assertThat(run("run-now", "a", "--reason", "a customer waits")).isZero();
    assertThat(out.toString()).contains("Task 'a': run now, done");
    assertThat(run("run-now", "a")).isEqualTo(1);
    assertThat(out.toString()).contains("is waiting, and");
    assertThat(run("audit")).isZero();
    assertThat(out.toString()).contains("run now task 'a'", "a customer waits", "local");
  }

  @Test
  void anOrderAboutSeveral_isADryRunWithoutYes() {
    produce(
        pending("a").application("shop"),
        pending("b").application("shop"),
        pending("c").application("bank"));

    assertThat(run("cancel", "--application", "shop")).isZero();
    assertThat(out.toString()).contains("2 tasks would be cancelled", "Add --yes");
    assertThat(run("cancel", "a", "b")).isZero();
    assertThat(stored()).isEqualTo(3);

    assertThat(run("cancel", "--application", "shop", "--yes")).isZero();
    assertThat(out.toString()).contains("2 tasks were cancelled");
    assertThat(stored()).isEqualTo(1);
    assertThat(run("cancel", "--application", "shop", "--yes")).isEqualTo(1);
    assertThat(run("cancel", "c", "unknown", "--yes")).isEqualTo(1);
    assertThat(stored()).isZero();
  }

  @Test
  void anOrderThatIsAboutNoTask_saysSo_andExitsWith1() {
    produce(pending("a").application("shop"));

    for (String yes : List.of("--yes", "--reason=none")) {
      assertThat(run("run-now", "--application", "shpo", yes)).isEqualTo(1);
      assertThat(out.toString())
          .contains("Nothing matched: no such task is stored.")
          .contains("No task that is stored has the application 'shpo'. Did you mean 'shop'?");
      assertThat(run("run-now", "--application", "shop", yes)).isEqualTo(1);
      assertThat(out.toString())
          .contains("1 task is in a state in which run-now means nothing")
          .doesNotContain("Add --yes");
    }
  }

  @Test
  void whichTasks_hasToBeSaid() {
    assertThat(run("cancel")).isEqualTo(2);
    assertThat(run("cancel", "a", "--application", "shop")).isEqualTo(2);
    assertThat(err.toString()).contains("Name one ID or several");
    assertThat(run("tasks", "--limit", "0")).isEqualTo(2);
  }

  @Test
  void aPause_isADryRunWithoutYes_andEndsWithResume() {
    produce(pending("a").application("shop"), far("b").application("shop"));

    assertThat(run("pause", "--application", "shop")).isZero();
    assertThat(out.toString()).contains("Now 2 stored tasks wait").doesNotContain("Did you mean");
    assertThat(run("pause")).isZero();
    assertThat(out.toString()).contains("Nothing is paused.");

    assertThat(run("pause", "--application", "shop", "--reason", "a deploy", "--yes")).isZero();
    assertThat(out.toString())
        .contains("Paused: application 'shop'; by local")
        .contains("until somebody resumes it; because: a deploy");
    assertThat(broker.next()).isEmpty();
    assertThat(run("resume")).isEqualTo(1);
    assertThat(out.toString()).contains("Paused: application 'shop'", "Nothing was resumed. Say");
    assertThat(run("resume", "--application", "bank")).isEqualTo(1);
    assertThat(err.toString()).contains("No pause of exactly these names is in force");
    assertThat(run("resume", "--application", "shop")).isZero();
    assertThat(broker.take().claim().activation().id()).isEqualTo("a");
    assertThat(run("pause", "--application", "shop", "--for", "10m", "--yes")).isZero();
    assertThat(out.toString()).contains("until 2026-03-02T12:10:00Z");
  }

  @Test
  void aPauseOfANameThatNothingHas_isMade_withAGuessAtWhatWasMeant() {
    produce(pending("a").application("mine"));

    assertThat(run("pause", "--application", "mien", "--yes")).isZero();

    assertThat(out.toString())
        .contains("Paused: application 'mien'")
        .contains("No task that is stored has the application 'mien'. Did you mean 'mine'?");
    assertThat(run("resume", "--application", "mien")).isZero();
    assertThat(run("resume")).isEqualTo(1);
    assertThat(out.toString()).contains("Nothing is paused.");
  }

  @Test
  void theWordsOfThePage_areStates_too() {
    produce(pending("a"), far("b"));

    assertThat(run("tasks", "--state", "waiting")).isZero();
    assertThat(out.toString()).contains("a ").doesNotContain("b ");
    assertThat(run("tasks", "--state", "over")).isEqualTo(1);
    assertThat(out.toString()).contains("for store.keep_ended_for");
    assertThat(run("tasks", "--state", "wait")).isEqualTo(2);
    assertThat(err.toString()).contains("'wait' is none of delayed, pending (or waiting)");
  }

  @Test
  void thePartOfAnId_isNoTask_butTheTasksThatHaveIt_areOffered() {
    produce(pending("8bca84f9-1"), pending("8bca84f9-2"));

    for (String command : List.of("task", "why")) {
      assertThat(run(command, "8bca84f9")).isEqualTo(1);
      assertThat(err.toString())
          .contains("Ids with '8bca84f9' in them: 8bca84f9-1, 8bca84f9-2.")
          .contains("taskbroker tasks --id-part 8bca84f9");
      assertThat(run(command, "9")).as("contained, too").isEqualTo(1);
      assertThat(run(command, "nobody")).isEqualTo(1);
      assertThat(err.toString()).contains("store.keep_ended_for").doesNotContain("Ids with");
    }
  }

  @Test
  void theBeginningOfAnId_isEnoughForAnOrder_ifNoOtherIdHasIt() {
    produce(pending("8bca84f9-1"), pending("8bca84f9-2"), pending("77aa0000-1"));

    assertThat(run("cancel", "8bca84f9", "--reason", "a slip")).isEqualTo(1);
    assertThat(out.toString())
        .contains("'8bca84f9' is the beginning of several ids: 8bca84f9-1, 8bca84f9-2.");
    assertThat(run("cancel", "77a")).as("too short to be meant").isEqualTo(1);
    assertThat(run("cancel", "aa0000-1")).as("no beginning").isEqualTo(1);
    assertThat(run("tasks", "--id-part", "77aa0000-1")).isZero();

    assertThat(run("cancel", "77aa", "--reason", "sent twice")).isZero();

    assertThat(out.toString()).contains("Task '77aa0000-1': cancel, done");
    assertThat(run("task", "77aa0000-1")).isZero();
    assertThat(out.toString())
        .contains("cancel task '77aa0000-1' (sent twice)")
        .contains("has cancelled it, because: sent twice");
    assertThat(run("cancel", "8bca84f9-1")).as("the whole one").isZero();
  }

  @Test
  void aPortThatSpeaksAnotherProtocol_isNotRepeated_butNamed() throws Exception {
    try (ServerSocket workers = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread answering =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (Socket caller = workers.accept()) {
                      // The first frames of HTTP/2: its settings, and a farewell.
                      caller.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
                      caller.getOutputStream().write(new byte[] {0, 0, 8, 7, 0, 0, 0, 0, 0});
                      caller.getOutputStream().write("\0\0\0\0\0\0\0\1no\r\n".getBytes(UTF_8));
                      caller.shutdownOutput();
                      caller.getInputStream().readAllBytes();
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  });

      assertThat(runAt(workers.getLocalPort(), "status")).isEqualTo(1);

      assertThat(err.toString()).contains("that may be the port of workers");
      answering.join();
    }
  }

  @Test
  void anAuditWithoutAnEntry_saysSinceWhen() {
    assertThat(run("audit")).isZero();
    assertThat(out.toString()).contains("since it started", "taskbroker::audit");
  }

  @Test
  void aDrain_isADryRunWithoutYes_isWaitedFor_andEnds() {
    produce(pending("a"), far("b"));

    assertThat(run("drain")).isZero();
    assertThat(out.toString())
        .contains("does not drain. 1 task waits in it, 0 are with workers, 1 is delayed");
    assertThat(broker.broker().draining().sight()).isEmpty();
    assertThat(run("drain", "--end")).isEqualTo(1);
    assertThat(err.toString()).contains("This broker does not drain");

    assertThat(run("drain", "--yes", "--reason", "a deploy")).isZero();
    assertThat(out.toString())
        .contains("Draining: 1 waits for a worker; 1 is delayed", "ordered by local at")
        .contains("because: a deploy");
    assertThat(run("drain", "--wait-seconds", "1")).isEqualTo(1);
    assertThat(run("status")).isZero();
    assertThat(out.toString()).contains("ready", "Draining: 1 waits");
    broker.report(broker.take(), Conclusion.COMPLETE);
    run("cancel", "b");
    assertThat(run("drain", "--wait-seconds", "60")).isZero();
    assertThat(out.toString()).contains("Drained: nothing is stored, and no topic is read");
    assertThat(run("status")).isEqualTo(1);
    assertThat(out.toString()).contains("not ready, drained");

    assertThat(run("drain", "--end", "--reason", "deployed")).isZero();
    assertThat(out.toString()).contains("Tasks are taken in again");
    produce(pending("c"));
  }

  @Test
  void aDrainThatEndsInAnExit_saysSo_andWordsThatContradictAreRefused() {
    produce(far("a"));

    assertThat(run("drain", "--yes", "--exit-when-empty")).isZero();

    assertThat(out.toString()).contains("; it exits when empty");
    assertThat(broker.broker().draining().exit().toCompletableFuture()).isNotDone();
    run("cancel", "a");
    broker.await("the exit", broker.broker().draining().exit().toCompletableFuture()::isDone);
    assertThat(run("drain", "--exit-when-empty")).isEqualTo(2);
    assertThat(run("drain", "--yes", "--exit-when-empty", "--wait-seconds", "5")).isEqualTo(2);
    assertThat(run("drain", "--end", "--yes")).isEqualTo(2);
    assertThat(run("drain", "--wait-seconds", "-1")).isEqualTo(2);
  }

  @Test
  void parkedRows_ofARunningBroker_areShown_retriedAndDropped() {
    broker.publisher().refuseContent(BrokerFixture.DEAD_LETTERS, "too large");
    produce(
        pending("a").deadLettered(),
        pending("b\u001b[31m").deadLettered(),
        pending("c").deadLettered());
    for (int i = 0; i < 3; i++) {
      broker.report(broker.take(), Conclusion.FAILURE);
    }
    broker.await("them to be parked", () -> broker.broker().vitals().depths().parked() == 3);

    assertThat(run("parked", "list")).isZero();
    assertThat(out.toString())
        .contains("a\n  dead letter of ", "too large\n", "b\\u001b[31m\n")
        .endsWith("3 parked\n")
        .doesNotContain("\u001b");
    assertThat(run("parked", "drop", "a", "--reason", "not wanted")).isZero();
    assertThat(out.toString()).contains("('a'): drop, done");
    assertThat(run("parked", "drop", "a")).isEqualTo(1);
    assertThat(err.toString()).contains("not parked in the broker", ": a. Nothing was changed.");
    assertThat(run("parked", "retry", "b\\u001b[31m", "c")).isZero();
    assertThat(out.toString()).contains("2 parked rows are named. Add --yes to retry them.");
    assertThat(run("parked", "retry", "--all")).isZero();
    assertThat(out.toString()).contains("2 rows are parked. Add --yes");
    assertThat(run("parked", "retry")).isEqualTo(2);
    assertThat(run("parked", "list", "some.sqlite")).isEqualTo(2);
    assertThat(broker.broker().vitals().depths().parked()).isEqualTo(2);

    broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
    assertThat(run("parked", "retry", "b\\u001b[31m", "--yes")).isZero();
    assertThat(run("parked", "retry", "--all", "--yes")).isZero();
    assertThat(out.toString()).contains("1 parked row: retry, done");
    broker.await("the two", () -> broker.tasksIn(BrokerFixture.DEAD_LETTERS).size() == 2);
    assertThat(run("parked", "drop", "--all", "--yes")).isEqualTo(1);
  }

  @Test
  void deadLetters_areShown_requeuedAndDropped() {
    for (String id : List.of("a", "b\u001b[31m")) {
      NewActivation task = pending(id).application("shop").taskname("mail").arriving();
      broker
          .topics()
          .append(
              BrokerFixture.DEAD_LETTERS,
              "one partition",
              PlainTask.of(task.activation(), task.payload()).encode(),
              List.of(
                  new SourceRecord.Header(
                      DeadLetterHeaders.FIRST_TIME, "1772452800000".getBytes(UTF_8))));
    }

    assertThat(run("dead-letters", "groups")).isZero();
    assertThat(out.toString()).containsPattern("shop .* mail +2 .*its headers do not say why");
    assertThat(run("dead-letters", "list", "--task", "mail")).isZero();
    assertThat(out.toString()).contains("b\\u001b[31m").doesNotContain("\u001b");
    String place = out.toString().lines().toList().get(1).split(" ", -1)[0];
    assertThat(run("dead-letters", "show", place)).isZero();
    assertThat(out.toString())
        .contains("Arguments (")
        .containsPattern("once requeued, goes to +again")
        .containsPattern("once requeued, new id +[0-9a-f-]{36}")
        .containsPattern("taskbroker-first-time +1772452800000 \\(2026-03-02T12:00:00Z\\)");
    assertThat(run("dead-letters", "show", "a")).isZero();
    assertThat(out.toString()).containsPattern("id +a\n").containsPattern("place +0:0\n");
    assertThat(run("dead-letters", "show", "nobody")).isEqualTo(1);
    assertThat(err.toString()).contains("No dead letter of a task 'nobody' is known");
    assertThat(run("dead-letters", "show", "a", "--arguments", "--reason", "to see")).isZero();
    assertThat(run("dead-letters", "show", place, "--arguments", "--reason", "to see")).isZero();
    assertThat(out.toString()).doesNotContain("Kinds and lengths only");
    assertThat(run("dead-letters", "requeue")).isEqualTo(2);
    assertThat(run("dead-letters", "requeue", "--all")).isZero();
    assertThat(out.toString()).contains("2 dead letters match.", "Add --yes to do it");
    assertThat(run("dead-letters", "requeue", "nobody")).isEqualTo(1);
    assertThat(err.toString()).contains("No dead letter of a task 'nobody' is known");
    assertThat(run("dead-letters", "requeue", "a")).isZero();
    assertThat(out.toString()).contains("0:0 would become task");
    assertThat(broker.tasksIn("again")).isEmpty();

    assertThat(run("dead-letters", "requeue", place, "--yes", "--reason", "mended")).isZero();
    String told = out.toString();
    broker.await("the task", () -> broker.tasksIn("again").size() == 1);
    String newId = broker.tasksIn("again").getFirst().id();
    assertThat(told).contains(place + " becomes task " + newId);
    broker.await("the end", () -> run("dead-letters", "run") == 0 && said("done, 1 handled"));
    String old = place.equals("0:0") ? "a" : "b\u001b[31m";
    assertThat(run("why", old)).isZero();
    assertThat(out.toString())
        .contains("its dead letter was sent again as task '" + newId + "'")
        .contains("'taskbroker why " + newId + "'");
    assertThat(run("dead-letters", "requeue", place, "--yes")).isEqualTo(1);
    assertThat(out.toString()).contains("Nothing was begun.").doesNotContain("running");
    assertThat(run("dead-letters", "run")).isZero();
    assertThat(out.toString()).contains("done, 1 handled");
    assertThat(run("dead-letters", "drop", "--task", "mail", "--yes")).isZero();
    broker.await(
        "the end of dropping",
        () -> run("dead-letters", "run") == 0 && said("drop, by local: done, 1 handled"));
    assertThat(run("dead-letters", "groups")).isEqualTo(1);
    assertThat(out.toString()).contains("No dead letter is open in taskworker-dlq.");
    assertThat(run("dead-letters", "list", "--handled")).isZero();
    assertThat(run("dead-letters", "stop")).isEqualTo(1);
    assertThat(err.toString()).contains("No run of this broker is under way");
    assertThat(broker.tasksIn("again")).hasSize(1);
  }

  private boolean said(String words) {
    return out.toString().contains(words);
  }

  @Test
  void aBrokerThatDoesNotAnswer_isNamed() {
    server.close();

    assertThat(run("status")).isEqualTo(1);
    assertThat(err.toString())
        .contains("taskbroker: no admin API answers at http://127.0.0.1:")
        .contains("is admin.port set?");
  }
}
