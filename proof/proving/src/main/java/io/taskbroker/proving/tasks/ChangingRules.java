package io.taskbroker.proving.tasks;

import com.google.protobuf.ByteString;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.ReturningKafka;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Label;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.load.TopicReader;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.FairClock;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.RulesFolder;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Under load, the rules change: tasks with one argument are dropped, then a namespace leaves for
 * another topic, whose cluster is away for a while.
 */
public final class ChangingRules implements Scenario {
  private static final Duration PROMISED = Duration.ofSeconds(2);
  private static final Duration AFTERWARDS = Duration.ofSeconds(5);
  private static final int OUTAGE_SECONDS = 30;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int STORED = 200;
  private static final String DEMOTED_TOPIC = "rules-demoted";

  private static final TaskKind TASK = TaskKind.quick("rules.task");

  /** In the store, and not handed out, while the kill switch comes. */
  private static final TaskKind STORED_TASK = TASK.delayed(Duration.ofSeconds(30));

  private static final TaskKind DEMOTED = TaskKind.quick("rules.demoted");

  private static final String NO_RULES = "drop_task_killswitch: []\ndemoted_namespaces: []\n";

  private static final String KILL_SWITCH =
      """
      drop_task_killswitch:
        - name: rules.task
          select_kwarg: {project: 2}
      demoted_namespaces: []
      """;

  /** msgpack of {@code {"args": [], "kwargs": {"project": n}}}. */
  private static ByteString parameters(int project) {
    return ByteString.fromHex("82a46172677390a66b776172677381a770726f6a656374")
        .concat(ByteString.copyFrom(new byte[] {(byte) project}));
  }

  @Override
  public String name() {
    return "rules";
  }

  @Override
  public String promise() {
    return "a kill switch works within "
        + PROMISED.toSeconds()
        + " s, and what is demoted outlives an outage of "
        + OUTAGE_SECONDS
        + " s";
  }

  /** Who sends tasks, each with a ledger of its own but the first, which has the rig's. */
  private record Senders(
      ActivationProducer kept,
      ActivationProducer dropped,
      Ledger selected,
      ActivationProducer leaving,
      Ledger demoted) {}

  @Override
  public Verdict play(Stage stage) {
    RulesFolder rules = RulesFolder.create(stage.folder().resolve("rules"), NO_RULES);
    String here = stage.kafka().address();
    var settings = Map.<String, Object>of("runtime_config_path", rules.file().toString());
    Ledger selected = new Ledger();
    Ledger demoted = new Ledger();
    Set<Label> moved = ConcurrentHashMap.newKeySet();
    Verdict verdict = new Verdict();
    try (ReturningKafka elsewhere = elsewhere(stage);
        Rig rig = Rig.of(stage.folder(), here, "rules", settings);
        var kept = producer(here, "proving", "proving", 1, rig.ledger());
        var dropped = producer(here, "selected", "proving", 2, selected);
        var leaving = producer(here, "demoted", "slow", 1, demoted);
        TopicReader reader =
            TopicReader.start(elsewhere.address(), DEMOTED_TOPIC, task -> note(task, moved));
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view();
        var _ = rig.startWorkers(rig.workers(8, 1).of("proving"), TASK);
        var _ = Workers.start(rig.workers(8, 1).of("selected"), List.of(TASK), selected);
        var _ = Workers.start(rig.workers(8, 1).of("demoted"), List.of(DEMOTED), demoted)) {
      var senders = new Senders(kept, dropped, selected, leaving, demoted);
      killSome(stage, rules, rig, view, senders, verdict);
      rules.replace(demotion(elsewhere.address()));
      broker.awaitLine(PATIENCE, "are in force: tasks dropped", "topic '" + DEMOTED_TOPIC + "'");
      stage.say("The namespace is demoted, the kill switch is off");
      long again = selected.handouts();
      dropped.produce(TASK, STORED);
      outlive(stage, elsewhere, rig, senders, moved, verdict);
      rig.awaitEnds(PATIENCE);
      awaitMoved(demoted, moved);
      rig.awaitNothingLeft(view, PATIENCE);
      reader.catchUp(PATIENCE);
      int exit = broker.stop(ProcessSignal.TERM).code();
      judge(rig, demoted, moved, verdict);
      return verdict
          .expect("after_kill_switch", STORED, selected.handouts() - again)
          .show("moved_copies", reader.seen() - moved.size())
          .expect("exit", 0, exit);
    }
  }

  private static ReturningKafka elsewhere(Stage stage) {
    var elsewhere = ReturningKafka.start(NodeSettings.in(stage.folder().resolve("kafka")));
    try (Topics topics = Topics.at(elsewhere.address())) {
      topics.create(DEMOTED_TOPIC, 1);
    }
    return elsewhere;
  }

  /** The kill switch comes under load: soon nobody gets what it names, stored or not. */
  private static void killSome(
      Stage stage, RulesFolder rules, Rig rig, StoreWindow view, Senders senders, Verdict verdict) {
    Ledger selected = senders.selected;
    try (Load _ = Load.of(() -> produce(senders.kept, TASK, senders.dropped, TASK))) {
      Waiting.until("both are handed out", PATIENCE, () -> selected.handouts() > 1_000);
    }
    flush(senders);
    Waiting.untilNothingLeft(
        "all have ended", PATIENCE, () -> rig.ledger().unfinished() + selected.unfinished());
    senders.kept.produce(STORED_TASK, STORED); // now, or it would be due before on a slow machine
    senders.dropped.produce(STORED_TASK, STORED);
    flush(senders);
    Waiting.until("the delayed are stored", PATIENCE, () -> view.count("Delay") == 2 * STORED);
    try (Load _ = Load.of(() -> produce(senders.kept, TASK, senders.dropped, TASK))) {
      stage.say("The kill switch is set");
      long handouts;
      long stored;
      try (FairClock clock = FairClock.start()) {
        rules.replace(KILL_SWITCH);
        clock.awaitElapsed(PROMISED);
        handouts = selected.handouts();
        stored = view.count("Delay");
      }
      long before = rig.ledger().handouts();
      Waiting.pause(AFTERWARDS);
      verdict
          .show("handed_out_before", handouts)
          .expect("handed_out_after", 0, selected.handouts() - handouts)
          .expect("stored_after", STORED, stored);
      Waiting.until("others go on", PATIENCE, () -> rig.ledger().handouts() - before > 1_000);
    }
  }

  private static void flush(Senders senders) {
    senders.kept.flush();
    senders.dropped.flush();
  }

  /** The cluster of the demoted namespace goes away under load, and comes back. */
  private static void outlive(
      Stage stage,
      ReturningKafka elsewhere,
      Rig rig,
      Senders senders,
      Set<Label> moved,
      Verdict verdict) {
    try (Load _ = Load.of(() -> produce(senders.kept, TASK, senders.leaving, DEMOTED))) {
      Waiting.until("the first have moved", PATIENCE, () -> moved.size() > 500);
      elsewhere.kill();
      stage.say("The other cluster is gone");
      long before = rig.ledger().handouts();
      int seconds = stage.some(OUTAGE_SECONDS, 10);
      Waiting.pause(Duration.ofSeconds(seconds));
      verdict.show("others_in_outage", rig.ledger().handouts() - before);
      long many = 150L * seconds; // however long they take, as the outage lasts
      Waiting.until("others go on", PATIENCE, () -> rig.ledger().handouts() - before >= many);
      elsewhere.comeBack();
      stage.say("The other cluster is back");
    }
    senders.kept.flush();
    senders.leaving.flush();
  }

  private static void awaitMoved(Ledger demoted, Set<Label> moved) {
    long expected = demoted.account().produced();
    Waiting.until(
        "all that was demoted has moved",
        PATIENCE,
        () -> moved.size() + demoted.account().completed() >= expected);
  }

  private static void judge(Rig rig, Ledger demoted, Set<Label> moved, Verdict verdict) {
    Account account = rig.ledger().account();
    long expected = demoted.account().produced();
    verdict
        .expect("others_lost", 0, account.open())
        .expect("others_repeated", 0, account.repeats())
        .show("demoted", expected)
        .show("moved", moved.size())
        .expect("demoted_to_workers", 0, demoted.handouts())
        .expect("demoted_lost", 0, expected - moved.size() - demoted.account().completed())
        .expectNone("error_lines", rig.settings().errorLines());
  }

  private static void note(TaskActivation task, Set<Label> moved) {
    Label label = Label.of(task);
    if (label != null) {
      moved.add(label);
    }
  }

  private static void produce(
      ActivationProducer one, TaskKind kind, ActivationProducer other, TaskKind otherKind) {
    one.produce(kind);
    other.produce(otherKind);
  }

  private static ActivationProducer producer(
      String kafka, String application, String namespace, int project, Ledger ledger) {
    var target = new ActivationProducer.Target(kafka, "rules", application, namespace);
    return new ActivationProducer(target, parameters(project), ledger);
  }

  private static String demotion(String cluster) {
    return """
    drop_task_killswitch: []
    demoted_namespaces: [slow]
    demoted_topic: %s
    demoted_topic_cluster: %s
    """
        .formatted(DEMOTED_TOPIC, cluster);
  }
}
