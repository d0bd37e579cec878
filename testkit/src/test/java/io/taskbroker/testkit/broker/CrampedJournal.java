package io.taskbroker.testkit.broker;

import io.taskbroker.application.store.Durability;
import io.taskbroker.application.store.JournalException;
import io.taskbroker.application.store.JournalGroup;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.io.IOException;

/** A journal on a disk that somebody else fills and empties. */
final class CrampedJournal extends ForwardingJournal {
  /** How much is left on the disk. */
  enum Room {
    ENOUGH,
    FOR_CHANGES_ONLY,
    NONE
  }

  private volatile Room room = Room.ENOUGH;
  private volatile boolean knowsCommits;

  CrampedJournal() {
    super(new InMemoryFile().open());
  }

  void leave(Room left) {
    room = left;
  }

  /** Whether it has been told of a commit that Kafka has acknowledged. */
  boolean knowsCommits() {
    return knowsCommits;
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    boolean fits =
        switch (room) {
          case ENOUGH -> true;
          case FOR_CHANGES_ONLY -> group.changes().inserted().isEmpty();
          case NONE -> false;
        };
    if (!fits) {
      throw new JournalException.NothingChanged(
          "the disk is full. Free some space", new IOException("no space left"));
    }
    super.apply(group, durability);
    if (group.changes().positions().values().stream().anyMatch(offset -> offset > 0)) {
      knowsCommits = true;
    }
  }
}
