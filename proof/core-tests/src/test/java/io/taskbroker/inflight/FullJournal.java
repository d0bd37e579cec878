package io.taskbroker.inflight;

import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** A journal on a disk that fills up and empties, and that can be stopped after a write. */
final class FullJournal extends ForwardingJournal {
  /** Behind each write, before anybody is answered; and in each attempt that has no room. */
  final GatedJournal.Gate gate;

  private final InMemoryFile file;
  private final AtomicInteger attempts = new AtomicInteger();

  /** So many more attempts find no room. */
  private final AtomicInteger failing = new AtomicInteger();

  FullJournal(InMemoryFile file) {
    this(file, new GatedJournal.Gate());
  }

  private FullJournal(InMemoryFile file, GatedJournal.Gate gate) {
    super(file.open());
    this.file = file;
    this.gate = gate;
  }

  /** Another journal over the same file, for the store of the next process. */
  FullJournal reopened() {
    return new FullJournal(file, gate);
  }

  void full(boolean isFull) {
    failing.set(isFull ? Integer.MAX_VALUE : 0);
  }

  /** The disk has room again once so many more attempts have failed. */
  void roomAfter(int attempts) {
    failing.set(attempts);
  }

  /** How often somebody has tried to write. */
  int attempts() {
    return attempts.get();
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    attempts.incrementAndGet();
    if (failing.get() > 0) {
      gate.pass();
    }
    if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new JournalException.NothingChanged("the disk is full", new IOException("ENOSPC"));
    }
    super.apply(group, durability);
    gate.pass();
  }
}
