package io.taskbroker.application.operations;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.operator.EndedPage;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.domain.operator.WorkerSight;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A look at what is stored. Looking delays nobody: what a call costs the store's own work does not
 * grow with what is stored.
 *
 * <p>All methods block until done, and throw {@link StoreException.Unavailable} if it cannot be
 * read now. Safe for any number of threads.
 */
public interface StoredTasks {
  /**
   * A piece of those to which the filter applies, in the order of arrival, as of some moment after
   * the last answer of the store. It looks at no more than {@link TaskPage#MOST_LOOKED_AT} rows.
   * What is not changed meanwhile is in one piece, and in one only.
   *
   * @param after {@link TaskPage#last} of the piece before; 0 to begin
   * @param limit most tasks of the piece, 1 to 1 000
   */
  TaskPage list(TaskFilter filter, long after, int limit);

  /**
   * As {@link #list}, of what Kafka has refused and is kept aside for that: tasks, and records that
   * are none.
   */
  TaskPage parked(long after, int limit);

  /** The task of this id, also one that is over and still kept; empty if there is none. */
  Optional<StoredTask> find(String id);

  /**
   * A piece of those that have ended in this process and are remembered still, the last that ended
   * first. Of many that end meanwhile, the oldest are forgotten.
   *
   * @param filter its status says nothing here
   * @param ending null for any
   * @param before {@link EndedPage#next} of the piece before; 0 to begin
   * @param limit most tasks of the piece, 1 to 1 000
   */
  EndedPage ended(TaskFilter filter, @Nullable Ending ending, long before, int limit);

  /** The task of this id that has ended last, if it is remembered still. */
  Optional<EndedTask> findEnded(String id);

  /** The payload of this task; empty if it is over or gone. */
  Optional<byte[]> payload(long key);

  /**
   * How many tasks of each kind there are: a piece of at most {@code limit} kinds, in the order of
   * their names.
   *
   * @param after the last kind of the piece before; null to begin
   */
  List<TaskCount> counts(@Nullable TaskNames after, int limit);

  /**
   * Delayed tasks, those first that are due first; of those that are due in the same millisecond
   * any.
   *
   * @param limit most tasks, 1 to 1 000
   */
  List<StoredTask> upcoming(int limit);

  /**
   * The workers that ask for tasks, as this process has seen them: a piece of at most {@code limit}
   * workers, in the order of their names. A worker that has no task is forgotten ten minutes after
   * it called last, or sooner if there are many. Workers that get tasks by push are not among them.
   *
   * @param after the last name of the piece before; null to begin
   * @param limit most workers, 1 to 1 000
   */
  List<WorkerSight> workers(@Nullable String after, int limit);
}
