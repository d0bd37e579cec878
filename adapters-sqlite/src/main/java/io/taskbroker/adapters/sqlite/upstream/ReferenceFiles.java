package io.taskbroker.adapters.sqlite.upstream;

import io.taskbroker.adapters.sqlite.Importer;
import io.taskbroker.adapters.sqlite.LogSync;
import io.taskbroker.adapters.sqlite.Readers;
import io.taskbroker.adapters.sqlite.UnusableFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/** Imports files of the reference broker; the original is kept beside the store. */
public final class ReferenceFiles implements Importer {
  private final ImportSettings settings;

  public ReferenceFiles(ImportSettings settings) {
    this.settings = settings;
  }

  @Override
  public void run(Path file, long nowMs) {
    inspect(file);
    new ReferenceImport(file, settings, nowMs, _ -> {}).run();
  }

  @Override
  public void removeRemains(Path file) throws IOException {
    ReferenceImport.removeRemains(file);
  }

  /** The file is read as a whole. */
  private static void inspect(Path file) {
    try (Connection connection = Readers.openForInspection(file, LogSync.hasFrames(file))) {
      ReferenceInspection.Problem problem = ReferenceInspection.inspect(connection);
      if (problem != null) {
        throw UnusableFileException.refused(file, problem.what(), problem.remedy());
      }
    } catch (SQLException e) {
      throw UnusableFileException.refused(
          file,
          "was written by the reference broker and is damaged (" + e.getMessage() + ")",
          ReferenceInspection.RESTORE,
          e);
    }
  }
}
