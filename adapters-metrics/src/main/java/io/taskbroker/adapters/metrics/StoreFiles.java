package io.taskbroker.adapters.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** How large the store's files are, as long as they are there. */
final class StoreFiles implements Consumer<StatsdSink> {
  private final Path database;

  StoreFiles(Path database) {
    this.database = database;
  }

  @Override
  public void accept(StatsdSink sink) {
    tell(sink, "upkeep.db_file_size.bytes", database);
    tell(
        sink,
        "upkeep.wal_file_size.bytes",
        database.resolveSibling(database.getFileName() + "-wal"));
  }

  private static void tell(StatsdSink sink, String name, Path file) {
    try {
      sink.gauge(name, (double) Files.size(file), Tags.NONE);
    } catch (IOException _) {
      // Not there: then there is nothing to tell.
    }
  }
}
