package io.taskbroker.proving.files;

import io.taskbroker.proving.machine.BrittleDisk;
import io.taskbroker.proving.machine.PreloadedLibrary;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The disk of the store turns read-only under a busy broker, and is mended after a while. */
final class FullReadOnly {
  private static final String TOPIC = "full-turning";
  private static final int STORED = 2_000;
  private static final int LATER = 500;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Eight workers are busy with what is stored for five seconds. */
  private static final TaskKind TASK =
      TaskKind.quick("full.turning").working(Duration.ofMillis(20));

  private FullReadOnly() {}

  static void play(Stage stage, Verdict verdict) {
    if (!PreloadedLibrary.isPossible()) {
      verdict.skip("turning read-only", PreloadedLibrary.NEEDS);
      return;
    }
    BrittleDisk disk = BrittleDisk.of(folder(stage, "disk"), folder(stage, "tools"));
    Path store = disk.folder().resolve("inflight.sqlite");
    try (Rig rig =
            stage.rig(
                TOPIC,
                Map.of("store.max_pending_count", 15_000, "store.sqlite.path", store.toString()));
        BrokerProcess broker =
            BrokerProcess.launchBy(disk.wrapper(), rig.settings()).awaitServing(PATIENCE);
        var _ = rig.startWorkers(rig.workers(8, 2), TASK)) {
      rig.producer().produce(TASK, STORED);
      Waiting.until("workers are busy", PATIENCE, () -> rig.ledger().account().completed() > 100);
      disk.turnReadOnly();
      stage.say("the disk is read-only");
      rig.producer().produce(TASK, LATER);
      rig.producer().flush();
      broker.awaitNotServing(PATIENCE);
      broker.awaitLine(PATIENCE, "The store is stalled: it cannot write");
      long reportsBefore = rig.ledger().acknowledged();
      Waiting.pause(Duration.ofSeconds(stage.some(10, 4)));
      boolean servesMeanwhile = broker.isServing(PATIENCE);
      long reports = rig.ledger().acknowledged() - reportsBefore;
      long lines = broker.lines("is stalled", "not write");

      disk.mend();
      stage.say("the disk is mended");
      broker.awaitServing(PATIENCE);
      rig.awaitEnds(PATIENCE);
      broker.awaitLine(PATIENCE, "The store goes on");
      Waiting.untilNothingLeft(
          "all offsets are committed", PATIENCE, () -> rig.topics().lag(TOPIC, TOPIC));
      int exit = broker.stop(ProcessSignal.TERM).code();
      Account account = rig.ledger().account();
      verdict
          .expect("turning.reports_meanwhile", 0, reports)
          .expect("turning.serving_meanwhile", 0, servesMeanwhile ? 1 : 0)
          .atMost("turning.stall_lines", 4, lines)
          .expect("turning.completed", STORED + LATER, account.completed())
          .expect("turning.lost", 0, account.open())
          .expectNone("turning.unexplained", rig.ledger().unexplained())
          .show("turning.error_lines", rig.settings().errorLines().size())
          .expect("turning.exit", 0, exit);
    }
  }

  private static Path folder(Stage stage, String name) {
    try {
      return Files.createDirectories(stage.folder().resolve(name)).toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + name, e);
    }
  }
}
