package io.taskbroker.application.intake;

import io.taskbroker.application.Stalls;
import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Backpressure.Admission;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers rows into batches and stores one after the other, on a virtual thread of its own, as soon
 * as back-pressure lets them in. A store that is idle gets what there is at once.
 *
 * <p>The reader adds, hands over and asks; the storing thread takes. What they share is under one
 * lock, which is never held while the store works.
 */
final class BatchStorer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  /** How soon a held batch is tried again; the store empties a default limit in some 50 ms. */
  private static final Duration HELD_RETRY = Duration.ofMillis(5);

  /** How often a batch that stays held is counted, as the reference does. */
  private static final Duration HELD_COUNT = Duration.ofMillis(250);

  /** A limit that is touched and left again is everyday life; only what lasts is a standstill. */
  private static final Duration STALL = Duration.ofSeconds(1);

  private final String topic;
  private final IntakeStore store;
  private final IntakeSettings settings;
  private final TimeSource time;
  private final Stalls stalls;
  private final IntakeMetrics metrics;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Batch> closed = new ArrayDeque<>();
  private final Map<Partition, Long> handled = new HashMap<>();
  private Batch open = new Batch();
  private AssignmentEpoch epoch = new AssignmentEpoch();
  private boolean storing;
  private boolean ending;

  BatchStorer(String topic, IntakeStore store, IntakeSettings settings, IntakeWatch watch) {
    this.topic = topic;
    this.store = store;
    this.settings = settings;
    this.time = watch.time();
    this.stalls = watch.stalls();
    this.metrics = watch.metrics();
    this.thread = Thread.ofVirtual().name("intake-store-" + topic).start(this::run);
  }

  // ---------------------------------------------------------------- the reader's side

  void add(SourceRecord record, NewActivation row) {
    lock.lock();
    try {
      open.add(record, row);
      if (open.rows() >= settings.batchRows() || open.bytes() >= settings.batchBytes()) {
        closed.add(open);
        open = new Batch();
      }
    } finally {
      lock.unlock();
    }
  }

  void drop(SourceRecord record) {
    lock.lock();
    try {
      open.drop(record);
    } finally {
      lock.unlock();
    }
  }

  /** Lets an idle storing thread have what has been added. */
  void handOver() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean hasRoom() {
    lock.lock();
    try {
      return closed.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  Map<Partition, Long> committable() {
    lock.lock();
    try {
      return Map.copyOf(handled);
    } finally {
      lock.unlock();
    }
  }

  void committed(Map<Partition, Long> positions) {
    lock.lock();
    try {
      positions.forEach((partition, position) -> handled.remove(partition, position));
    } finally {
      lock.unlock();
    }
  }

  void forgetPositions() {
    lock.lock();
    try {
      handled.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Begins a new epoch, in which nothing has been handled yet. */
  void begin() {
    lock.lock();
    try {
      dropAll();
      handled.clear();
      epoch = new AssignmentEpoch();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the epoch: drops what has not begun, and waits so long for what has. True if it ended. */
  boolean end(Duration patience) {
    lock.lock();
    try {
      epoch.end();
      dropAll();
      changed.signalAll();
      long leftNanos = patience.toNanos();
      while (storing && leftNanos > 0) {
        leftNanos = changed.awaitNanos(leftNanos);
      }
      return !storing;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void dropAll() {
    closed.clear();
    open = new Batch();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      ending = true;
      epoch.end();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---------------------------------------------------------------- the storing thread

  private record Job(Batch batch, AssignmentEpoch epoch) {}

  private void run() {
    try {
      for (Job job = next(); job != null; job = next()) {
        storeAll(job);
        done();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (StoreException.Closed e) {
      LOG.info("Intake of topic {} ends: {}", topic, e.getMessage());
      done();
    }
  }

  private @Nullable Job next() throws InterruptedException {
    lock.lock();
    try {
      while (!ending && closed.isEmpty() && open.isEmpty()) {
        changed.await();
      }
      if (ending) {
        return null;
      }
      Batch batch = closed.poll();
      if (batch == null) {
        batch = open;
        open = new Batch();
      }
      storing = true;
      return new Job(batch, epoch);
    } finally {
      lock.unlock();
    }
  }

  private void done() {
    lock.lock();
    try {
      storing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whatever fails here is tried again: without this thread the topic would stall in silence. */
  private void storeAll(Job job) throws InterruptedException {
    while (!job.batch().isEmpty() && !job.epoch().hasEnded()) {
      try {
        store(job);
      } catch (StoreException.Closed e) {
        throw e;
      } catch (RuntimeException e) {
        restAfterDefect(job, e);
      }
    }
  }

  private void restAfterDefect(Job job, RuntimeException defect) throws InterruptedException {
    if (job.epoch().hasEnded()) {
      return;
    }
    LOG.error("A batch of topic {} could not be stored and is tried again", topic, defect);
    stalls.begin(
        what(),
        "storing failed in an unexpected way: " + defect,
        "It is tried again; please report the error that was logged.");
    pause(job.epoch(), settings.failureBackoff());
  }

  private void store(Job job) throws InterruptedException {
    metrics.batch(topic, job.batch().rows(), job.batch().bytes());
    long countHeldAtMs = Long.MIN_VALUE;
    Moment heldSince = null;
    while (!job.batch().isEmpty() && !job.epoch().hasEnded()) {
      Moment now = time.now();
      Batch.Part part = new Batch.Part(List.of(), Map.of());
      Admission admission =
          Backpressure.admit(job.batch().wish(now.wallMs()), store.load(), settings.limits());
      Backpressure.Reason reason = Backpressure.Reason.DELAY_LIMIT;
      switch (admission) {
        case Admission.Admitted admitted -> part = job.batch().takeOut(admitted, now.wallMs());
        case Admission.Held held -> reason = held.reason();
      }
      if (part.positions().isEmpty()) {
        if (now.monotonicMs() >= countHeldAtMs) {
          metrics.held(topic, reason);
          countHeldAtMs = now.monotonicMs() + HELD_COUNT.toMillis();
        }
        if (heldSince == null) {
          heldSince = now;
        } else if (heldSince.plus(STALL).isBefore(now)) {
          stalls.begin(what(), HeldWords.why(reason), HeldWords.remedy(reason));
        }
        pause(job.epoch(), HELD_RETRY);
        continue;
      }
      storePart(job, part);
      stalls.end(what());
      heldSince = null;
    }
  }

  private String what() {
    return "Intake of topic " + topic;
  }

  /** Tries until the part is stored, or its partitions are somebody else's. */
  private void storePart(Job job, Batch.Part part) throws InterruptedException {
    while (true) {
      try {
        Moment before = time.now();
        int added = part.rows().isEmpty() ? 0 : store.add(part.rows(), job.epoch());
        stored(job, part, added, before);
        return;
      } catch (StoreException.Closed e) {
        throw e;
      } catch (StoreException.Unavailable | StoreException.Overloaded e) {
        metrics.storeFailed(topic);
        boolean news =
            stalls.begin(
                what(),
                String.valueOf(e.getMessage()),
                "Nothing is lost: what is not stored stays in Kafka, and the batch is tried again"
                    + " by itself.");
        if (news) {
          LOG.debug("A batch of topic {} could not be stored", topic, e);
        }
        pause(job.epoch(), settings.failureBackoff());
      } catch (RuntimeException e) {
        restAfterDefect(job, e);
      }
      if (job.epoch().hasEnded()) {
        return;
      }
    }
  }

  private void stored(Job job, Batch.Part part, int added, Moment before) {
    lock.lock();
    try {
      if (job.epoch() == epoch) { // a batch that outlived its hand-over says nothing about the next
        handled.putAll(part.positions());
      }
    } finally {
      lock.unlock();
    }
    if (part.rows().isEmpty()) {
      return;
    }
    Moment now = time.now();
    long oldestMs =
        part.rows().stream().mapToLong(row -> row.activation().receivedAtMs()).min().orElse(0);
    metrics.stored(
        topic,
        added,
        Duration.ofMillis(now.monotonicMs() - before.monotonicMs()),
        Duration.ofMillis(Math.max(0, Times.minus(now.wallMs(), oldestMs))));
  }

  /** Waits so long, or until the epoch ends. */
  private void pause(AssignmentEpoch epoch, Duration rest) throws InterruptedException {
    lock.lock();
    try {
      long leftNanos = rest.toNanos();
      while (!epoch.hasEnded() && leftNanos > TimeUnit.MICROSECONDS.toNanos(10)) {
        leftNanos = changed.awaitNanos(leftNanos);
      }
    } finally {
      lock.unlock();
    }
  }
}
