package io.taskbroker.proving.imports;

import io.taskbroker.proving.reference.ReferenceFile;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.process.BrokerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Rows in every state that a reference of that age could leave. */
final class ImportEachMigration {
  private static final Map<String, Object> LIMITS =
      Map.of(
          "store.processing_deadline_grace_sec", 0,
          "upkeep_deadline_reset_skip_after_startup_sec", 0);

  private ImportEachMigration() {}

  static void play(Stage stage, Verdict verdict) {
    for (int migration = 1; migration <= ReferenceFile.NEWEST; migration++) {
      String name = "migration-" + migration;
      Path folder = stage.folder().resolve(name);
      try (Rig rig = Rig.of(created(folder), stage.kafka().address(), "import-" + name, LIMITS)) {
        var reference = new ReferenceRig(rig, migration);
        reference.leaveAFile();
        try (BrokerProcess broker = rig.startBroker()) {
          reference.playSuccessor(broker, "m" + migration, verdict);
        }
      }
      stage.say(name + " played");
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
