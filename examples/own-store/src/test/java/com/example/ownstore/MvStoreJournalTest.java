package com.example.ownstore;

import io.taskbroker.inflight.Journal;
import io.taskbroker.testkit.journal.JournalContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The journal keeps to what the broker asks of any. */
class MvStoreJournalTest extends JournalContract {
  @TempDir Path folder;

  @Override
  protected Journal open() {
    return MvStoreJournal.open(folder.resolve("tasks.mv"));
  }
}
