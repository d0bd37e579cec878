package io.taskbroker.proving.powercut;

import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proving.machine.PreloadedLibrary;
import io.taskbroker.proving.powercut.PowerCuts.Finding;
import io.taskbroker.proving.powercut.PowerCuts.Task;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Repeat;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.TopicReader;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A power cut at any moment loses no task, and brings none back that must not run twice. */
public final class PowerCut implements Scenario {
  private static final String STORE = "inflight.sqlite";
  private static final int CUTS = 200;

  /** So many cuts are enough to notice that what comes in is not synced, also on a busy machine. */
  private static final int CUTS_WITHOUT_INTAKE_SYNC = 100;

  /** So many are enough to notice that the hand-out of at-most-once tasks is not. */
  private static final int CUTS_WITHOUT_HANDOUT_SYNC = 40;

  private static final String SYNCS_INTAKE = "store-sync";
  private static final String SYNCS_HANDOUTS = "store-writer";

  private static final int ROUNDS = 24;
  private static final int PER_ROUND = 1_500;
  private static final Duration ROUND = Duration.ofMillis(500);

  /**
   * In one round of three one task in so many is at-most-once. Its hand-out is synced by itself,
   * and with it all that came in before; in the other rounds only the sync of intake does that.
   */
  private static final int SHARE = 20;

  private static final int ROUNDS_PER_AT_MOST_ONCE = 3;

  /** Slow enough that committed tasks wait for a worker. */
  private static final Duration WORK = Duration.ofMillis(8);

  private static final Duration LOOK = Duration.ofMillis(5);
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration DEADLINE = Duration.ofSeconds(8);

  private static final TaskKind PLAIN = kind("powercut.plain");
  private static final TaskKind ONCE = kind("powercut.once").onceAtMost();

  private static TaskKind kind(String taskname) {
    return TaskKind.quick(taskname).working(WORK).within(DEADLINE);
  }

  @Override
  public String name() {
    return "powercut";
  }

  @Override
  public String promise() {
    return CUTS
        + " power cuts: no committed task is lost, no at-most-once task comes back; with syncs left"
        + " out that is noticed";
  }

  @Override
  public Verdict play(Stage stage) {
    Optional<Recorder> recorder = Recorder.build(stage.folder());
    if (recorder.isEmpty()) {
      return new Verdict().skip("cutting the power", PreloadedLibrary.NEEDS);
    }
    var limits =
        Map.<String, Object>of(
            "store.max_pending_count",
            15_000,
            "kafka_session_timeout_ms",
            1_500,
            "store.processing_deadline_grace_sec",
            0,
            "upkeep_deadline_reset_skip_after_startup_sec",
            1);
    Path record = emptyFile(stage.folder().resolve("record"));
    RecordWitness witness = new RecordWitness(record);
    List<Task> tasks = Collections.synchronizedList(new ArrayList<>());
    try (Rig rig = stage.rig("powercut", limits);
        var reader =
            TopicReader.start(
                stage.kafka().address(), rig.settings().topic(), task -> tasks.add(taskOf(task)));
        var _ = rig.startWorkers(rig.workers(16, 2), PLAIN, ONCE)) {
      rig.ledger().watch(witness);
      record(rig, recorder.get().wrapper(stage.folder(), STORE, record), witness);
      reader.catchUp(PATIENCE);
      var cuts = new PowerCuts(record, STORE, tasks, witness, stage.seed());
      Verdict verdict = new Verdict().show("seed", stage.seed()).show("entries", cuts.entries());
      goOn(rig, cuts, verdict);
      judge(stage, cuts, verdict);
      return verdict;
    }
  }

  private static Task taskOf(TaskActivation activation) {
    return new Task(activation.getId(), activation.getRetryState().getAtMostOnce());
  }

  private static Path emptyFile(Path file) {
    try {
      Files.deleteIfExists(file);
      return Files.createFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + file, e);
    }
  }

  /** A broker lives under load, and dies under it. */
  private static void record(Rig rig, List<String> wrapper, RecordWitness witness) {
    try (BrokerProcess broker = BrokerProcess.launchBy(wrapper, rig.settings())) {
      broker.awaitServing(START);
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < PER_ROUND; i++) {
          rig.producer()
              .produce(round % ROUNDS_PER_AT_MOST_ONCE == 0 && i % SHARE == 0 ? ONCE : PLAIN);
        }
        long end = System.nanoTime() + ROUND.toNanos();
        while (System.nanoTime() - end < 0) {
          rig.topics().committed(rig.settings().group()).values().forEach(witness::committed);
          Waiting.pause(LOOK);
        }
      }
      broker.kill();
    }
    witness.seal();
    rig.producer().flush();
  }

  /** The power is cut when the broker dies; the next one goes on with what is left. */
  private static void goOn(Rig rig, PowerCuts cuts, Verdict verdict) {
    BrokerSetup settings = rig.settings();
    cuts.leaveLast(settings.folder().resolve("after"));
    try (BrokerProcess _ =
        BrokerProcess.start(
            settings.with(
                "store.sqlite.path",
                settings.folder().resolve("after").resolve(STORE).toAbsolutePath().toString()))) {
      Waiting.untilNothingLeft(
          "every task that is not at-most-once has run (see " + settings.log() + ")",
          PATIENCE,
          () -> rig.ledger().unfinished(PLAIN));
      Waiting.untilNothingLeft(
          "all offsets are committed",
          PATIENCE,
          () -> rig.topics().lag(settings.group(), settings.topic()));
    }
    Account account = rig.ledger().account();
    verdict
        .show("produced", account.produced())
        .expect("lost", 0, rig.ledger().unfinished(PLAIN))
        .show("at_most_once_dropped", rig.ledger().unfinished(ONCE))
        .show("repeated", account.repeats())
        .expect(
            "at_most_once_repeated", 0, account.repeated().getOrDefault(Repeat.AT_MOST_ONCE, 0L))
        .expectNone("wrong", rig.ledger().complaints());
  }

  private static void judge(Stage stage, PowerCuts cuts, Verdict verdict) {
    Path folder = stage.folder().resolve("cut");
    List<Finding> findings = cuts.play(CUTS, folder);
    verdict.show("cuts", CUTS).expectNone("broken", findings.stream().map(Finding::text).toList());
    int intake = CUTS_WITHOUT_INTAKE_SYNC;
    expectNoticed(
        stage, verdict, SYNCS_INTAKE, cuts.playWithoutSyncsBy(SYNCS_INTAKE, intake, folder));
    int handouts = CUTS_WITHOUT_HANDOUT_SYNC;
    expectNoticed(
        stage, verdict, SYNCS_HANDOUTS, cuts.playWithoutSyncsBy(SYNCS_HANDOUTS, handouts, folder));
  }

  /** A test that cannot fail proves nothing. */
  private static void expectNoticed(
      Stage stage, Verdict verdict, String thread, List<Finding> findings) {
    findings.stream()
        .limit(1)
        .forEach(first -> stage.say("without the syncs by " + thread + ": " + first.text()));
    verdict
        .expect("noticed_without_" + thread, 1, findings.isEmpty() ? 0 : 1)
        .show("broken_without_" + thread, findings.size());
  }
}
