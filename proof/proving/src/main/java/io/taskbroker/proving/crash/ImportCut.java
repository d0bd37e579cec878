package io.taskbroker.proving.crash;

import io.taskbroker.proving.machine.CrashPoint;
import io.taskbroker.proving.machine.Preload;
import io.taskbroker.proving.reference.ReferenceFile;
import io.taskbroker.proving.reference.ReferenceReading;
import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.TaskMessages;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A broker that starts on a file of the reference is killed on its way; the next one goes on. */
final class ImportCut implements Part {
  private static final TaskKind KIND = CrashRig.kind("import");
  private static final String TOPIC = "crash-import";
  private static final String STORE = "inflight.sqlite";

  /** What a broker says once its store is open. */
  private static final String OPEN = "The store holds ";

  private static final int ROWS = 40;
  private static final int PAYLOAD_BYTES = 200;
  private static final int MOST_POINTS = 400;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Override
  public void play(Stage stage, Verdict verdict) {
    Path template = stage.folder().resolve("template.sqlite");
    Path data = folder(stage);
    Path store = data.resolve(STORE);
    Path kept = data.resolve(STORE + ".reference");
    BrokerSetup settings =
        BrokerSetup.of(stage.folder(), stage.kafka().address(), TOPIC)
            .with("store.sqlite.path", store.toString())
            .with("create_missing_topics", true);
    makeFile(template);
    CrashPoint point = CrashPoint.of(data, stage.folder().resolve("tools"));
    boolean isKilled = true;
    long differing = 0;
    long drafts = 0;
    int points = 0;
    for (int number = 1; isKilled && number <= MOST_POINTS; number += stage.some(1, 4)) {
      putAnew(template, data, settings.log());
      isKilled = startsAndIsKilled(settings, point, number);
      if (isKilled) {
        points++;
        stage.say("import %d: before %s".formatted(number, point.operation()));
        try (BrokerProcess next = BrokerProcess.launchSmall(List.of(), settings)) {
          next.awaitServing(PATIENCE).stop(ProcessSignal.TERM);
        }
      }
      differing += Math.abs(ROWS - ReferenceReading.count(store));
      differing += ReferenceReading.missing(template, store);
      differing += ReferenceReading.missing(template, kept);
      drafts += Files.exists(data.resolve(STORE + ".new")) ? 1 : 0;
    }
    verdict
        .atLeast("import_points", 1, points)
        .expect("import.reached_its_end", 0, isKilled ? 1 : 0)
        .expect("import.rows_lost_or_changed", 0, differing)
        .expect("import.drafts_left", 0, drafts);
  }

  /** Whether it ended otherwise than in order, which it is asked to do once its store is open. */
  private static boolean startsAndIsKilled(BrokerSetup settings, CrashPoint point, int number) {
    point.arm(number);
    try (BrokerProcess broker =
        BrokerProcess.launchSmall(Preload.wrapper(point.preload()), settings)) {
      Waiting.until(
          "its store is open, or it was killed, see " + settings.log(),
          PATIENCE,
          () -> !broker.process().isAlive() || !broker.firstLineWith(OPEN).isEmpty());
      point.disarm();
      return broker.stop(ProcessSignal.TERM).code() != 0;
    }
  }

  private static Path folder(Stage stage) {
    try {
      return Files.createDirectories(stage.folder().resolve("data")).toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + stage.folder(), e);
    }
  }

  private static void makeFile(Path template) {
    var tasks = new TaskMessages("nobody", PAYLOAD_BYTES);
    Ledger ledger = new Ledger();
    try (ReferenceFile file = ReferenceFile.create(template, ReferenceFile.NEWEST)) {
      for (int i = 0; i < ROWS; i++) {
        file.add(tasks.of(KIND, ledger.open(KIND)), "Pending", Map.of());
      }
    }
  }

  /** The folder has this file and nothing else, and nobody has said anything. */
  private static void putAnew(Path template, Path data, Path log) {
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.copy(template, data.resolve(STORE));
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + data, e);
    }
  }
}
