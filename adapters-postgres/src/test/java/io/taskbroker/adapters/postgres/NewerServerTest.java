package io.taskbroker.adapters.postgres;

import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.Journal;
import io.taskbroker.testkit.journal.JournalContract;
import org.jspecify.annotations.Nullable;

/** The journal keeps to its contract over a newer version of the server, too. */
class NewerServerTest extends JournalContract {
  private @Nullable PostgresSettings settings;

  @Override
  protected Journal open() {
    PostgresSettings database = settings;
    if (database == null) {
      database = Databases.migrated(PostgresServer.sharedNewer());
      settings = database;
    }
    return PostgresJournal.openAlone(database, "contract", Databases.TIME);
  }
}
