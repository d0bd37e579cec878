package io.taskbroker.testkit.journal;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import java.io.IOException;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A journal that fails on command, so that every crash between two steps can be played without a
 * file: ask {@link #calls} of a good run how many steps it has, and let each of them fail in turn.
 *
 * <p>What happens to the content afterwards is up to the {@link InMemoryFile} below it: open it
 * again for a crash of the process, {@link InMemoryFile#cutPower cut the power} for more. Safe for
 * all threads.
 */
public final class FaultyJournal extends ForwardingJournal {
  /** What may fail. */
  public enum Call {
    LOAD,
    APPLY,
    LAST_GROUP,
    IS_WRITTEN,
    SYNC,
    PAYLOADS,
    LARGE_PAYLOAD,
    RECLAIM,
    REWRITE
  }

  /** How it fails. */
  public enum Fault {
    /** Not done, and said so. */
    NOTHING_CHANGED,
    /** Not done; nobody can tell. */
    UNKNOWN_NOT_DONE,
    /** Done, and the answer lost; nobody can tell. */
    UNKNOWN_BUT_DONE,
    /** A sync failed before anything was written; the journal is of no use any more. */
    FINAL,
    /** A sync failed after everything was written; the journal is of no use any more. */
    FINAL_BUT_DONE,
    /** The process died before the call had any effect; the file may be opened by the next one. */
    CRASH_BEFORE,
    /** The process died after the call had its effect; the file may be opened by the next one. */
    CRASH_AFTER
  }

  private record Step(Call call, int number) {}

  private final Map<Call, Integer> calls = new EnumMap<>(Call.class);
  private final Map<Step, Fault> faults = new HashMap<>();
  private JournalException.@Nullable Final end;

  /** Opens {@code file}; without a command it behaves. */
  public FaultyJournal(InMemoryFile file) {
    this(file.open());
  }

  /** As the other, over any journal. */
  public FaultyJournal(Journal journal) {
    super(journal);
  }

  /**
   * Commands a failure.
   *
   * @param number which call of this kind, counted from the opening of the journal; the first is 1
   */
  public synchronized void fail(Call call, int number, Fault fault) {
    faults.put(new Step(call, number), fault);
  }

  /** Commands a failure of the next call of this kind. */
  public synchronized void failNext(Call call, Fault fault) {
    fail(call, calls(call) + 1, fault);
  }

  /** How many calls of this kind there have been. */
  public synchronized int calls(Call call) {
    return calls.getOrDefault(call, 0);
  }

  @Override
  public void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    performAction(Call.LOAD, () -> super.load(positions, row));
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    performAction(Call.APPLY, () -> super.apply(group, durability));
  }

  @Override
  public long lastGroup() {
    return perform(Call.LAST_GROUP, super::lastGroup);
  }

  @Override
  public boolean isWritten(JournalGroup group) {
    return perform(Call.IS_WRITTEN, () -> super.isWritten(group));
  }

  @Override
  public void sync() {
    performAction(Call.SYNC, () -> super.sync());
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    return perform(Call.PAYLOADS, () -> super.payloads(keys));
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    return perform(Call.LARGE_PAYLOAD, () -> super.largePayload(key));
  }

  @Override
  public boolean reclaim() {
    return perform(Call.RECLAIM, super::reclaim);
  }

  @Override
  public void rewrite() {
    performAction(Call.REWRITE, () -> super.rewrite());
  }

  private void performAction(Call call, Runnable action) {
    perform(
        call,
        () -> {
          action.run();
          return true;
        });
  }

  private synchronized <T> T perform(Call call, Supplier<T> action) {
    if (end != null) {
      throw end;
    }
    int number = calls.merge(call, 1, Integer::sum);
    Fault fault = faults.remove(new Step(call, number));
    String what = call + " number " + number + ": " + fault;
    switch (fault) {
      case null -> {}
      case NOTHING_CHANGED -> throw new JournalException.NothingChanged(what, cause());
      case UNKNOWN_NOT_DONE -> throw new JournalException.Unknown(what, cause());
      case FINAL, CRASH_BEFORE -> throw end(what, fault);
      case UNKNOWN_BUT_DONE, FINAL_BUT_DONE, CRASH_AFTER -> {}
    }
    T answer = action.get();
    return switch (fault) {
      case null -> answer;
      case UNKNOWN_BUT_DONE -> throw new JournalException.Unknown(what, cause());
      case FINAL_BUT_DONE, CRASH_AFTER -> throw end(what, fault);
      case NOTHING_CHANGED, UNKNOWN_NOT_DONE, FINAL, CRASH_BEFORE -> throw new AssertionError(what);
    };
  }

  /** From here on every call fails; a process that has died also lets go of the file. */
  private JournalException end(String what, Fault fault) {
    JournalException.Final last = new JournalException.Final(what, cause());
    end = last;
    if (fault == Fault.CRASH_BEFORE || fault == Fault.CRASH_AFTER) {
      close();
    }
    return last;
  }

  private static IOException cause() {
    return new IOException("as commanded");
  }
}
