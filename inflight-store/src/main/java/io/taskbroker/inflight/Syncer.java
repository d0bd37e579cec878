package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.application.threads.SerialExecutor;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes written batches survive a power cut, and answers them then, on a thread of its own: waiting
 * for the disk beside the writer holds up no claim and no report.
 */
final class Syncer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Journal journal;
  private final boolean isShared;
  private final TimeSource time;
  private final EventSink<StoreEvent> metrics;
  private final Consumer<JournalException.Final> onFailure;
  private final Consumer<JournalException.Outdated> onLoss;
  private final Heartbeat heartbeat;
  private final ConcurrentLinkedQueue<Written> written = new ConcurrentLinkedQueue<>();

  /** How often the journal may have lost groups that it had acknowledged. */
  private final AtomicInteger losses = new AtomicInteger();

  private final SerialExecutor thread;

  /**
   * @param onFailure told, on this thread, that a sync has failed
   * @param onLoss told, on this thread, that groups are lost which were written
   */
  Syncer(
      Journal journal,
      TimeSource time,
      Threads threads,
      EventSink<StoreEvent> metrics,
      Consumer<JournalException.Final> onFailure,
      Consumer<JournalException.Outdated> onLoss,
      Heartbeat heartbeat) {
    this.onLoss = onLoss;
    this.journal = journal;
    this.isShared = journal.sharing().isPresent();
    this.time = time;
    this.metrics = metrics;
    this.onFailure = onFailure;
    this.heartbeat = heartbeat;
    this.thread =
        new SerialExecutor(threads, "store-sync", Defects.ofThread("store-sync", threads));
  }

  /**
   * A batch that has been applied.
   *
   * @param losses that were known by then
   */
  private record Written(IntakeCommand batch, int losses) {}

  /**
   * The journal may have lost groups, maybe those of batches that wait here: a sync says nothing of
   * them from here on, since it asks for no more than the last group that is there. On the writer's
   * thread, before it asks for that.
   */
  void groupsMayBeLost() {
    losses.incrementAndGet();
  }

  /**
   * Answers a batch that has been applied, once it is synced; those that wait share a sync. On the
   * writer's thread.
   */
  void sync(IntakeCommand batch) {
    written.add(new Written(batch, losses.get()));
    try {
      thread.execute(this::syncAll);
    } catch (RejectedExecutionException e) {
      batch.fail(new StoreException.Closed("The store is closing", e));
    }
  }

  private void syncAll() {
    List<Written> waiting = new ArrayList<>();
    for (Written next = written.poll(); next != null; next = written.poll()) {
      waiting.add(next);
    }
    List<IntakeCommand> batches = waiting.stream().map(Written::batch).toList();
    if (batches.isEmpty()) {
      return; // synced together with one before it
    }
    try {
      long began = time.nanos();
      heartbeat.beat();
      journal.sync();
      heartbeat.idle();
      metrics.count(new StoreEvent.Synced(batches.size(), Duration.ofNanos(time.nanos() - began)));
      waiting.forEach(this::synced);
    } catch (JournalException.Outdated e) {
      heartbeat.idle();
      batches.forEach(batch -> batch.fail(Groups.unavailable(e)));
      onLoss.accept(e);
    } catch (RuntimeException e) {
      if (e instanceof JournalException.NothingChanged cannotBeReached && isShared) {
        heartbeat.idle();
        LOG.debug("What came in is not known to be synced, and comes again", e);
        batches.forEach(batch -> batch.fail(Groups.unavailable(cannotBeReached)));
        return;
      }
      LOG.error("What came in could not be synced", e);
      StoreException closed = new StoreException.Closed("The store could not sync", e);
      batches.forEach(batch -> batch.fail(closed));
      onFailure.accept(
          e instanceof JournalException.Final last
              ? last
              : new JournalException.Final("A sync failed: " + e.getMessage(), e));
    }
  }

  private void synced(Written one) {
    if (one.losses() == losses.get()) {
      one.batch().synced();
    } else {
      one.batch()
          .fail(
              new StoreException.Unavailable(
                  "The journal may have lost what came in; it comes again"));
    }
  }

  /** Syncs what waits. */
  @Override
  public void close() {
    thread.close();
  }
}
