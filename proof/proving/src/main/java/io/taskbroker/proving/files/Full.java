package io.taskbroker.proving.files;

import io.taskbroker.embeddedkafka.KafkaProxy.Conduct;
import io.taskbroker.proving.machine.SmallDisk;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The disk of the store is full for a while, or cannot be written to. */
public final class Full implements Scenario {
  private static final String DISK = "size=24m";
  private static final int STORED = 2_000;
  private static final int LATER = 3_000;
  private static final int WORKERS = 32;

  /** Too little for a batch of 256 tasks of 1 KB, enough for some reports. */
  private static final int LEFT_BYTES = 128 * 1024;

  private static final TaskKind TASK =
      TaskKind.quick("full.task").working(Duration.ofSeconds(4)).within(Duration.ofMinutes(1));

  private static final TaskKind QUICK = TaskKind.quick("full.quick");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration QUIET = Duration.ofSeconds(6);
  private static final Duration LOOK = Duration.ofMillis(50);

  @Override
  public String name() {
    return "full";
  }

  @Override
  public String promise() {
    return "the store's disk is full, or read-only, for a while: said, survived, nothing lost";
  }

  @Override
  public Verdict play(Stage stage) {
    if (!SmallDisk.isAllowed()) {
      return new Verdict().skip("a full disk", SmallDisk.NEEDS);
    }
    Verdict verdict = new Verdict();
    fillWhileServing(stage, verdict);
    FullReadOnly.play(stage.in("turning"), verdict);
    FullLeaving.play(stage.in("leaving"), "leaving", Conduct.PASS, verdict);
    FullLeaving.play(stage.in("unanswered"), "unanswered", Conduct.LOSE_ANSWER, verdict);
    startWhere(stage, "read-only", "ro", verdict);
    startWhere(stage, "without-room", "size=4k", verdict);
    return verdict;
  }

  private static void fillWhileServing(Stage stage, Verdict verdict) {
    SmallDisk disk = new SmallDisk(folder(stage.folder().resolve("disk")));
    var limits =
        Map.<String, Object>of(
            "store.max_pending_count",
            15_000,
            "store.sqlite.path",
            disk.folder().resolve("inflight.sqlite").toString());
    try (Rig rig = stage.rig("full", limits);
        BrokerProcess broker =
            BrokerProcess.launchBy(disk.with(DISK), rig.settings()).awaitServing(PATIENCE);
        var workers = rig.startWorkers(rig.workers(WORKERS, 4), TASK, QUICK)) {
      rig.producer().produce(TASK, WORKERS);
      rig.producer().produce(QUICK, STORED);
      awaitHandouts(rig);
      disk.fill(broker.process(), LEFT_BYTES);
      stage.say("the disk is full");
      long fullSince = System.nanoTime();
      long reportsBefore = rig.ledger().acknowledged();
      long refusedBefore = workers.failedCalls();
      rig.producer().produce(QUICK, LATER);
      rig.producer().flush();
      broker.awaitNotServing(PATIENCE);
      awaitQuiet(rig, () -> disk.refill(broker.process(), LEFT_BYTES));
      long taken = rig.ledger().acknowledged() - reportsBefore;
      long refused = workers.failedCalls() - refusedBefore;
      boolean servesMeanwhile = broker.isServing(PATIENCE);
      String log = broker.process().output();
      long minutes = Duration.ofNanos(System.nanoTime() - fullSince).toMinutes();

      disk.empty(broker.process());
      stage.say("there is room again");
      broker.awaitServing(PATIENCE);
      rig.awaitEnds(PATIENCE);
      Waiting.untilNothingLeft(
          "all offsets are committed",
          PATIENCE,
          () -> rig.topics().lag(rig.settings().group(), rig.settings().topic()));
      int exit = broker.stop(ProcessSignal.TERM).code();
      Account account = rig.ledger().account();
      long stalls = lines(log, "Intake of topic full is stalled");
      verdict
          .expect("produced", STORED + LATER + WORKERS, account.produced())
          .expect("completed", STORED + LATER + WORKERS, account.completed())
          .expect("lost", 0, account.open())
          .expectNone("unexplained", rig.ledger().unexplained())
          .atLeast("reports_while_full", 1, taken)
          .expect("serving_while_full", 0, servesMeanwhile ? 1 : 0)
          .show("refused_calls_while_full", refused)
          .atLeast("intake_stalls", 1, stalls)
          // A small write may find room in between; each minute may have its lines.
          .atMost("intake_stalls", 3 + 2 * minutes, stalls)
          .atLeast("remedies", 1, lines(log, "Free space on the file system of " + disk.folder()))
          .show("error_lines", rig.settings().errorLines().size())
          .expect("exit", 0, exit);
    }
  }

  /**
   * Returns when no worker's report has been taken for longer than a worker is busy.
   *
   * @param meanwhile done all the time: a broker that finds room goes on, and is never quiet
   */
  private static void awaitQuiet(Rig rig, Runnable meanwhile) {
    long reports = -1;
    long since = System.nanoTime();
    while (System.nanoTime() - since < QUIET.toNanos()) {
      long now = rig.ledger().acknowledged();
      if (now != reports) {
        reports = now;
        since = System.nanoTime();
      }
      meanwhile.run();
      Waiting.pause(LOOK);
    }
  }

  private static void awaitHandouts(Rig rig) {
    Waiting.until(
        "the workers are busy", PATIENCE, () -> rig.ledger().account().handedOut() >= WORKERS);
  }

  /** A broker that cannot have its store at all. */
  private static void startWhere(Stage stage, String what, String options, Verdict verdict) {
    Path own = folder(stage.folder().resolve(what));
    SmallDisk disk = new SmallDisk(folder(own.resolve("disk")));
    BrokerSetup settings =
        BrokerSetup.of(own, stage.kafka().address(), "full")
            .with("store.sqlite.path", disk.folder().resolve("inflight.sqlite").toString());
    try (BrokerProcess broker = BrokerProcess.launchBy(disk.with(options), settings)) {
      ChildProcess process = broker.process();
      verdict
          .expect(what + "_exit", 1, process.awaitExit(PATIENCE))
          .atLeast(what + "_said", 1, lines(process.output(), disk.folder().toString()));
      stage.say(what + ": " + process.output().lines().reduce("", (_, line) -> line));
    }
  }

  private static Path folder(Path folder) {
    try {
      return Files.createDirectories(folder).toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
  }

  private static long lines(String log, String containing) {
    return log.lines().filter(line -> line.contains(containing)).count();
  }
}
