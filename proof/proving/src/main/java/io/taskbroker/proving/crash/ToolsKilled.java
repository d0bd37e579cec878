package io.taskbroker.proving.crash;

import io.taskbroker.proving.machine.CrashPoint;
import io.taskbroker.proving.machine.Preload;
import io.taskbroker.proving.program.Said;
import io.taskbroker.proving.reference.ReferenceReading;
import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A backup of a broker that runs, and an export of one that was stopped, are killed. Whatever is
 * there under the name that was given is whole, and the same command goes through the next time.
 */
final class ToolsKilled implements Part {
  private static final TaskKind KIND = CrashRig.kind("tools");
  private static final String OUT = "out.sqlite";
  private static final int ROWS = 40;
  private static final int MOST_POINTS = 400;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Of a process that SIGKILL has ended, as shells say it. */
  private static final int KILLED = 128 + 9;

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (Rig rig = stage.rig("crash-tools", Map.of())) {
      try (BrokerProcess broker = rig.startBroker()) {
        rig.producer().produce(KIND, ROWS);
        rig.producer().flush();
        Waiting.until("all is stored", PATIENCE, () -> lag(rig) == 0);
        walk(stage, rig, "backup", verdict);
        verdict
            .expect("backup.broker_serves", 1, broker.isServing(PATIENCE) ? 1 : 0)
            .expect("backup.broker_exit", 0, broker.stop(ProcessSignal.TERM).code());
      }
      Path store = rig.settings().store();
      byte[] before = bytes(store);
      walk(stage, rig, "export", verdict);
      verdict
          .expect("export.store_changed", 0, Arrays.equals(before, bytes(store)) ? 0 : 1)
          .expectNone(
              "export.layout", ReferenceReading.complaints(folder(stage, "export").resolve(OUT)));
    }
  }

  private static long lag(Rig rig) {
    return rig.topics().lag(rig.settings().group(), rig.settings().topic());
  }

  /** Ends with a file that was written to the end. */
  private static void walk(Stage stage, Rig rig, String command, Verdict verdict) {
    Path folder = folder(stage, command);
    Path out = folder.resolve(OUT);
    CrashPoint point = CrashPoint.of(folder, stage.folder().resolve(command + "-tools"));
    long differing = 0;
    long unexpected = 0;
    int points = 0;
    int exit = KILLED;
    for (int number = 1; exit != 0 && number <= MOST_POINTS; number += stage.some(1, 4)) {
      delete(out);
      point.arm(number);
      exit = run(stage, rig, Preload.wrapper(point.preload()), command, out);
      point.disarm();
      if (exit == KILLED) {
        points++;
        stage.say("%s %d: before %s".formatted(command, number, point.operation()));
        if (!Files.exists(out)) {
          unexpected += run(stage, rig, List.of(), command, out) == 0 ? 0 : 1;
        }
      } else {
        unexpected += exit == 0 ? 0 : 1;
      }
      differing += Math.abs(ROWS - ReferenceReading.count(out));
    }
    verdict
        .atLeast(command + "_points", 1, points)
        .expect(command + ".reached_its_end", 0, exit)
        .expect(command + ".rows_missing", 0, differing)
        .expect(command + ".refused_after_a_kill", 0, unexpected)
        .expect(command + ".drafts_left", 0, draftsIn(folder));
  }

  private static int run(Stage stage, Rig rig, List<String> wrapper, String command, Path out) {
    Path log = stage.folder().resolve(command + ".log");
    String store = rig.settings().store().toString();
    return switch (command) {
      case "backup" -> Said.by(wrapper, log, command, store, out.toString()).exit();
      case "export" -> Said.by(wrapper, log, command, store, "-o", out.toString()).exit();
      default -> throw new IllegalArgumentException("no such command: " + command);
    };
  }

  private static Path folder(Stage stage, String command) {
    try {
      return Files.createDirectories(stage.folder().resolve(command)).toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + stage.folder(), e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file, e);
    }
  }

  private static long draftsIn(Path folder) {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().contains(OUT + ".new")).count();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }
}
