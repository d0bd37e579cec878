package io.taskbroker.adapters.sqlite;

import io.taskbroker.inflight.Journal;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.JournalContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalContractTest extends JournalContract {
  @TempDir Path folder;

  @Override
  protected Journal open() {
    return SqliteJournal.open(
        new SqliteSettings(folder.resolve("store.sqlite"), SqliteSettings.DEFAULT_RECLAIM_PAGES),
        new SettableTime());
  }
}
