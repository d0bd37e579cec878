package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.operations.StoredTasks;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.EndedPage;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.domain.operator.WorkerSight;
import io.taskbroker.inflight.engine.Endings;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The owned store, as operators look at it: lists and payloads are read from the journal beside the
 * writer, which is asked only for what it knows by heart.
 */
final class OwnedTasks implements StoredTasks {
  /** Kinds of which the writer makes a copy in one turn: some 0.1 ms. */
  private static final int MOST_KINDS = 1_000;

  /** Rows of which it makes a copy in one turn: as much. */
  private static final int MOST_UPCOMING = 1_000;

  /** Workers of which it makes a copy in one turn: as much. */
  private static final int MOST_WORKERS = 1_000;

  private final CommandSender sender;
  private final Journal journal;
  private final Endings endings;
  private final TimeSource time;

  OwnedTasks(CommandSender sender, Journal journal, Endings endings, TimeSource time) {
    this.sender = sender;
    this.journal = journal;
    this.endings = endings;
    this.time = time;
  }

  @Override
  public TaskPage list(TaskFilter filter, long after, int limit) {
    return reading(() -> journal.page(filter, after, limit));
  }

  @Override
  public TaskPage parked(long after, int limit) {
    return reading(() -> journal.parked(after, limit));
  }

  @Override
  public Optional<StoredTask> find(String id) {
    return sender.ask((engine, _) -> Optional.ofNullable(engine.task(id)));
  }

  @Override
  public EndedPage ended(TaskFilter filter, @Nullable Ending ending, long before, int limit) {
    return endings.list(filter, ending, before, limit, time.now().wallMs());
  }

  @Override
  public Optional<EndedTask> findEnded(String id) {
    return endings.find(id, time.now().wallMs());
  }

  @Override
  public Optional<byte[]> payload(long key) {
    return reading(() -> journal.largePayload(key));
  }

  @Override
  public List<TaskCount> counts(@Nullable TaskNames after, int limit) {
    return sender.ask((engine, now) -> engine.counts(after, Math.min(limit, MOST_KINDS), now));
  }

  @Override
  public List<StoredTask> upcoming(int limit) {
    return sender.ask((engine, _) -> engine.upcoming(Math.min(limit, MOST_UPCOMING))).stream()
        .map(StoredActivation::task)
        .toList();
  }

  @Override
  public List<WorkerSight> workers(@Nullable String after, int limit) {
    return sender.ask((engine, now) -> engine.workers(after, Math.min(limit, MOST_WORKERS), now));
  }

  private static <T> T reading(Supplier<T> read) {
    try {
      return read.get();
    } catch (JournalException.Final e) {
      throw Groups.closed(e);
    } catch (JournalException e) {
      throw new StoreException.Unavailable("The store could not be read: " + e.getMessage(), e);
    }
  }
}
