package io.taskbroker.testkit.journal;

import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import java.io.IOException;

/** A journal on a disk that somebody else fills and empties. */
public final class CrampedJournal extends ForwardingJournal {
  /** How much is left on the disk. */
  public enum Room {
    ENOUGH,
    FOR_CHANGES_ONLY,
    NONE
  }

  private volatile Room room = Room.ENOUGH;
  private volatile boolean knowsCommits;

  public CrampedJournal() {
    super(new InMemoryFile().open());
  }

  /** From here on this much room is left; any thread may say so. */
  public void leave(Room left) {
    room = left;
  }

  /** Whether it has been told of a commit that Kafka has acknowledged. */
  public boolean knowsCommits() {
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
