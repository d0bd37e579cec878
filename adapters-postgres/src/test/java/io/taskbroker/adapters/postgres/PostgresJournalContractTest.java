package io.taskbroker.adapters.postgres;

import io.taskbroker.inflight.Journal;
import io.taskbroker.testkit.journal.JournalContract;
import org.jspecify.annotations.Nullable;

class PostgresJournalContractTest extends JournalContract {
  private @Nullable PostgresSettings settings;

  @Override
  protected Journal open() {
    PostgresSettings database = settings;
    if (database == null) {
      database = Databases.migrated();
      settings = database;
    }
    return PostgresJournal.openAlone(database, "contract", Databases.TIME);
  }
}
