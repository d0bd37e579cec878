package io.taskbroker.testkit.journal;

import io.taskbroker.inflight.Journal;

class InMemoryJournalTest extends JournalContract {
  private final InMemoryFile file = new InMemoryFile();

  @Override
  protected Journal open() {
    return file.open();
  }
}
