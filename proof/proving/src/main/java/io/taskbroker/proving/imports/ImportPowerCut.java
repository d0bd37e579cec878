package io.taskbroker.proving.imports;

import io.taskbroker.proving.machine.PreloadedLibrary;
import io.taskbroker.proving.powercut.EveryCut;
import io.taskbroker.proving.powercut.RecordedCopy;
import io.taskbroker.proving.powercut.Recorder;
import io.taskbroker.proving.reference.ReferenceFile;
import io.taskbroker.proving.reference.ReferenceReading;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.TaskMessages;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.ProcessSignal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The power goes while a file is imported, at every moment: all rows are in one file or both. */
final class ImportPowerCut {
  private static final int ROWS = 300;
  private static final int PAYLOAD_BYTES = 200;
  private static final int MOST_ROUNDS = 10;
  private static final Duration START = Duration.ofMinutes(2);

  private final Stage stage;
  private final Path folder;
  private final Path template;
  private final Path record;
  private final BrokerSetup settings;

  private ImportPowerCut(Stage stage) {
    this.stage = stage;
    this.folder = created(stage.folder().resolve("power"));
    this.template = folder.resolve("template.sqlite").toAbsolutePath();
    this.record = folder.resolve("record");
    this.settings =
        BrokerSetup.of(created(folder.resolve("store")), stage.kafka().address(), "import-power")
            .with("create_missing_topics", true);
  }

  static void play(Stage stage, Verdict verdict) {
    new ImportPowerCut(stage).play(verdict);
  }

  private void play(Verdict verdict) {
    Optional<Recorder> recorder = Recorder.build(folder);
    if (recorder.isEmpty()) {
      verdict.skip("cutting the power", PreloadedLibrary.NEEDS);
      return;
    }
    List<String> wrapper =
        recorder
            .get()
            .wrapper(settings.folder(), settings.store().getFileName().toString(), record);
    makeTemplate();
    copyTemplate(wrapper);
    int history = EveryCut.entries(record);
    try (BrokerProcess broker = BrokerProcess.launchBy(wrapper, settings)) {
      broker.awaitServing(START);
      broker.stop(ProcessSignal.TERM);
    }
    Path cut = folder.resolve("cut");
    verdict
        .show("power.moments", EveryCut.entries(record) - history)
        .expectNone("power.broken", cuts(history, 1).play(cut, this::judge))
        .atLeast("power.noticed_without_syncs_in_round", 1, roundThatNotices(history, cut));
  }

  private EveryCut cuts(int history, int round) {
    return new EveryCut(record, history, stage.seed() + round);
  }

  /** On a disk that ignores syncs; 0 if no round does. Most files are so small that luck helps. */
  private int roundThatNotices(int history, Path cut) {
    for (int round = 1; round <= MOST_ROUNDS; round++) {
      List<String> noticed = cuts(history, round).playWithoutSyncs(cut, this::judge);
      if (!noticed.isEmpty()) {
        stage.say("without syncs: " + noticed.getFirst());
        return round;
      }
    }
    return 0;
  }

  private void makeTemplate() {
    var tasks = new TaskMessages("nobody", PAYLOAD_BYTES);
    TaskKind kind = TaskKind.quick("import.power");
    Ledger ledger = new Ledger();
    try (ReferenceFile file = ReferenceFile.create(template, ReferenceFile.NEWEST)) {
      for (int i = 0; i < ROWS; i++) {
        file.add(tasks.of(kind, ledger.open(kind)), "Pending", Map.of());
      }
    }
  }

  private void copyTemplate(List<String> wrapper) {
    List<String> command = new ArrayList<>(wrapper);
    try {
      Path place = settings.folder().toRealPath().resolve(settings.store().getFileName());
      command.addAll(
          ChildProcess.java(
              "64m",
              List.of(
                  "-cp",
                  System.getProperty("java.class.path"),
                  RecordedCopy.class.getName(),
                  template.toString(),
                  place.toString())));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot find " + settings.folder(), e);
    }
    try (var copy = ChildProcess.start(command, folder.resolve("copy.log"))) {
      if (copy.awaitExit(START) != 0) {
        throw new IllegalStateException("the copy failed: " + copy.output());
      }
    }
  }

  private Optional<String> judge(Path left) {
    Path file = left.resolve(settings.store().getFileName());
    if (!Files.exists(file)) {
      return Optional.of("the file is gone");
    }
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement()) {
      try (var check = statement.executeQuery("PRAGMA integrity_check")) {
        if (!check.getString(1).equals("ok")) {
          return Optional.of("the file is damaged: " + check.getString(1));
        }
      }
      boolean isOurs;
      try (var id = statement.executeQuery("PRAGMA application_id")) {
        isOurs = id.getInt(1) != 0;
      }
      if (ReferenceReading.missing(template, file) != 0) {
        return Optional.of("rows are lost, the file is " + (isOurs ? "ours" : "the original"));
      }
      Path kept = left.resolve(settings.store().getFileName() + ".reference");
      if (isOurs && (!Files.exists(kept) || ReferenceReading.missing(template, kept) != 0)) {
        return Optional.of("the original is not kept");
      }
      return Optional.empty();
    } catch (SQLException | IllegalStateException e) {
      return Optional.of("the file cannot be read: " + e.getMessage());
    }
  }

  private static Path created(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
  }
}
