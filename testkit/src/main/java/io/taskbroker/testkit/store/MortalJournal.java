package io.taskbroker.testkit.store;

import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.store.TestStore.Death;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A journal in which a store can be made to die, and be looked into while it lives. */
final class MortalJournal extends ForwardingJournal {
  private final AtomicReference<@Nullable Death> next = new AtomicReference<>();
  private final AtomicBoolean lookedInto = new AtomicBoolean();
  private volatile List<StoredActivation> seen = List.of();

  MortalJournal(Journal journal) {
    super(journal);
  }

  void dieAtNextWrite(Death death) {
    next.set(death);
  }

  /** Lets the next {@link #reclaim}, which comes from the one thread that may read, read all. */
  void lookAtNextReclaim() {
    lookedInto.set(true);
  }

  /** What was read then. */
  List<StoredActivation> seen() {
    return seen;
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    Death death = next.getAndSet(null);
    if (death == Death.BEFORE_WRITE) {
      throw died(death);
    }
    super.apply(group, durability);
    if (death == Death.BEFORE_ANSWER) {
      throw died(death);
    }
  }

  private static JournalException died(Death death) {
    return new JournalException.Final("died " + death, new IOException("as commanded"));
  }

  @Override
  public boolean reclaim() {
    if (lookedInto.getAndSet(false)) {
      List<StoredActivation> rows = new ArrayList<>();
      load(_ -> {}, rows::add);
      seen = List.copyOf(rows);
      return true;
    }
    return super.reclaim();
  }
}
