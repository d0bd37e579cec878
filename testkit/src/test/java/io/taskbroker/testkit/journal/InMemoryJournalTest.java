package io.taskbroker.testkit.journal;

import io.taskbroker.application.store.Journal;

class InMemoryJournalTest extends JournalContract {
  private final InMemoryFile file = new InMemoryFile();

  @Override
  protected Journal open() {
    return file.open();
  }
}
