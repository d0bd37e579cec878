package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The number of the last group, which rides on the rows that a group changes. */
class LastGroupTest {
  private static final long PAGE_IN_THE_LOG = 4_096 + 24;

  @TempDir Path folder;

  @Test
  void noGroupExceedsTheLastOne_alsoInTheNextProcess() {
    Path file = folder.resolve("store.sqlite");
    List<JournalGroup> groups =
        List.of(
            Groups.insertPending(1, 10, 10),
            Groups.delete(1, 10),
            Groups.insertPending(11, 20, 10),
            Groups.handOut(15, 1),
            Groups.delete(15, 15),
            new JournalGroup(0, Changes.NONE, Map.of()),
            Groups.handOut(11, 2));

    for (int i = 0; i < groups.size(); i++) {
      try (SqliteJournal journal = Groups.open(file)) {
        long number = journal.lastGroup() + 1;
        JournalGroup group = numbered(number, groups.get(i));
        Groups.apply(journal, group);
        assertThat(journal.isWritten(group)).isTrue();
        if (group.changes().deleted().isEmpty()) {
          assertThat(journal.lastGroup()).isEqualTo(number);
        } else {
          assertThat(journal.lastGroup()).as("it leaves nothing").isLessThan(number);
        }
      }
    }
  }

  @Test
  void aGroupThatChangesOneRowWritesOnePage() {
    try (SqliteJournal journal = Groups.open(folder.resolve("store.sqlite"))) {
      Groups.apply(journal, numbered(1, Groups.insertPending(1, 1_000, 10)));
      Groups.apply(journal, numbered(2, Groups.handOut(500, 1)));
      long before = journal.size().log();

      Groups.apply(journal, numbered(3, Groups.handOut(500, 2)));

      assertThat(journal.size().log() - before).isEqualTo(PAGE_IN_THE_LOG);
    }
  }

  @Test
  void aGroupThatDeletesOneRowWritesThePageOfTheRowAndThatOfItsPayload() {
    try (SqliteJournal journal = Groups.open(folder.resolve("store.sqlite"))) {
      Groups.apply(journal, numbered(1, Groups.insertPending(1, 1_000, 10)));
      Groups.apply(journal, numbered(2, Groups.handOut(500, 1)));
      long before = journal.size().log();

      Groups.apply(journal, numbered(3, Groups.delete(500, 500)));

      assertThat(journal.size().log() - before).isEqualTo(2 * PAGE_IN_THE_LOG);
    }
  }

  private static JournalGroup numbered(long number, JournalGroup group) {
    return new JournalGroup(number, group.changes(), group.payloads());
  }
}
