package io.taskbroker.inflight;

import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the owned store needs from a storage engine: to keep rows, and to give them back after a
 * crash.
 *
 * <p>{@link #load}, {@link #apply}, {@link #lastGroup}, {@link #lastKey}, {@link #isWritten},
 * {@link #orders}, {@link #payloads}, {@link #tidy}, {@link #reclaim} and {@link #rewrite} are
 * called by one thread, the store's writer. {@link #sync} is called by one other thread, {@link
 * #largePayload}, {@link #page}, {@link #parked} and {@link #size} by any, beside it. All block on
 * I/O. An opened journal belongs to its store alone; a second opening of the same file fails with a
 * message that says who holds it.
 *
 * <p>A journal may keep the rows of several brokers. Each broker opens it for itself, and then:
 *
 * <ul>
 *   <li>{@link #sharing} says which partitions are this broker's, gives keys to new rows, and takes
 *       reports about the rows of others.
 *   <li>Groups are numbered for each broker by itself, from 1. {@link #lastGroup} is this broker's.
 *   <li>Every group is written only while this broker is not deposed and the journal stands at the
 *       group before it, both decided in the group's own transaction. Otherwise {@link #apply}
 *       throws {@link JournalException.Deposed} or {@link JournalException.Outdated}.
 *   <li>{@link #load} gives no rows, and {@link #lastKey} is 0: rows come with custodies. {@link
 *       #page}, {@link #parked} and {@link #payloads} look at partitions in this broker's custody.
 *   <li>A payload that is missing because this broker is deposed is no missing payload: {@link
 *       #payloads} and {@link #largePayload} throw {@link JournalException.Deposed} then.
 *   <li>{@link #orders} are this broker's own.
 *   <li>{@link JournalException.Unknown} lasts as long as the journal cannot be reached: {@link
 *       #isWritten} throws {@link JournalException.NothingChanged} meanwhile, and is asked again.
 *   <li>{@link #close} gives up all custodies, and signs this broker off, if the journal can be
 *       reached. Otherwise others find out by its silence.
 * </ul>
 */
public interface Journal extends AutoCloseable {
  /**
   * Reads everything but the payloads, as it was after some group and before the next.
   *
   * <p>Rows that cannot be read are left out, and the journal tells people about them.
   *
   * @param positions is given, once and first, the acknowledged positions
   * @param row is given each row, in ascending order of keys
   * @throws JournalException.NothingChanged if it could not be read now
   * @throws JournalException.Final if the file is damaged so that no rows can be told apart
   */
  void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row);

  /**
   * The standing orders that were written and not lifted, by name: those that hold for everybody,
   * and those of this broker's own, which one of its name may have written.
   *
   * @throws JournalException.NothingChanged if they could not be read now
   */
  Map<String, String> orders();

  /**
   * A piece of the tasks to which the filter applies, by ascending keys, as of some group that was
   * applied before or during the call. Looks at {@link TaskPage#MOST_LOOKED_AT} rows at most, and
   * leaves out what cannot be read.
   *
   * @param after key that the piece begins after
   * @param limit most tasks of the piece
   * @throws JournalException.NothingChanged if they could not be read now
   */
  TaskPage page(TaskFilter filter, long after, int limit);

  /**
   * As {@link #page}, a piece of the rows that are parked, bad records included.
   *
   * @throws JournalException.NothingChanged if they could not be read now
   */
  TaskPage parked(long after, int limit);

  /**
   * Writes one group, all of it or nothing. One without a change is written, too, so that it tells
   * whether something can be written. An update to {@code Completed} also removes the payload; a
   * deletion removes row and payload.
   *
   * @throws JournalException.NothingChanged if none of it is there, now and after a restart; its
   *     {@link JournalException.NothingChanged#extent extent} says whether smaller groups may pass
   * @throws JournalException.Unknown if it may be there; {@link #isWritten} tells
   * @throws JournalException.Duplicates if rows of it have the id of a row of another partition;
   *     none of it is there. Only from a journal that is shared
   * @throws JournalException.Outdated if groups before it are lost; none of it is there. Only from
   *     a journal that is shared
   * @throws JournalException.Final if a sync failed, or another broker has deposed this one; the
   *     process must end
   */
  void apply(JournalGroup group, Durability durability);

  /**
   * A number that no group exceeds which has left something, as a restart would find it: the next
   * process counts on from here.
   *
   * @return 0 if there is none, or it had none
   * @throws JournalException if that cannot be found out now
   */
  long lastGroup();

  /**
   * The highest key of which something may be left though its row is gone. New rows get higher
   * keys.
   *
   * @return 0 if rows that are gone leave nothing
   * @throws JournalException if that cannot be found out now
   */
  default long lastKey() {
    return 0;
  }

  /**
   * Whether this group, which was applied last, is written, as a restart would find it.
   *
   * @throws JournalException if that cannot be found out now
   */
  default boolean isWritten(JournalGroup group) {
    return lastGroup() == group.number();
  }

  /**
   * Makes every group survive a power cut that was applied before this call began. Groups may be
   * applied meanwhile; whether those survive is open.
   *
   * @throws JournalException.NothingChanged if a journal that is shared cannot be reached now;
   *     whether they survive is open
   * @throws JournalException.Outdated if groups that were applied before are lost already. Only
   *     from a journal that is shared
   * @throws JournalException.Final if it failed; the process must end
   */
  void sync();

  /**
   * The payloads of these rows, as of the last group applied.
   *
   * @return by key; a key without a row, or whose row is completed, is missing
   * @throws JournalException.NothingChanged if none could be read now
   * @throws JournalException.Unreadable if some cannot be read; a call without those keys succeeds
   */
  Map<Long, byte[]> payloads(Collection<Long> keys);

  /**
   * The payload of one row whose group has been applied, read beside the writer.
   *
   * @return empty if the row is gone or completed
   * @throws JournalException.NothingChanged if it could not be read now
   * @throws JournalException.Unreadable if it cannot be read; other rows can
   */
  Optional<byte[]> largePayload(long key);

  /**
   * Does a piece of what can wait. Called after each turn of the writer behind which nothing waits:
   * takes a millisecond at most, and next to nothing where there is nothing to do.
   *
   * @throws JournalException.Final if the process must end; any other failure is tried again later
   */
  default void tidy() {}

  /**
   * Gives a bounded piece of unused space back to the file system; takes a few milliseconds at
   * most.
   *
   * @return whether there is more to give back
   */
  boolean reclaim();

  /**
   * Gives all unused space back at once, by writing everything anew: seconds for each GB, in which
   * no group can be applied. An engine that leaves no space unused does nothing.
   *
   * @throws JournalException.NothingChanged if that was not possible now
   */
  default void rewrite() {}

  /**
   * Has this told when the journal fails for good beside any call: somebody took its file away, for
   * example. Every later call fails then, and the process must end. Told at most once, from a
   * thread of the journal; must not block.
   */
  default void whenEnded(Consumer<JournalException.Final> told) {}

  /**
   * What this broker needs besides if several brokers keep rows in this journal. Empty if all rows
   * are this broker's, always. Always the same.
   */
  default Optional<Sharing> sharing() {
    return Optional.empty();
  }

  /** Where it is kept, for people: a file, for example. */
  default String place() {
    return "the journal";
  }

  /** How large it is. Cheap: counted, or asked of the file system. */
  StoreSize size();

  /** Ends the use of the file; what was applied stays. Calling it again does nothing. */
  @Override
  void close();
}
