package io.taskbroker.application.intake;

import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.BatchQueue.ReadBatch;
import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Backpressure.Admission;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the batches of one topic, one after the other, on a virtual thread of its own, as soon as
 * back-pressure lets them in. A store that is idle gets what there is at once.
 */
final class BatchStorer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  /** How soon a held batch is tried again; the store empties a default limit in some 50 ms. */
  private static final Duration HELD_RETRY = Duration.ofMillis(5);

  /** How long the store may rightly take for a part of a batch, its sync included. */
  private static final Duration LONGEST_STORING = Duration.ofSeconds(5);

  private final String topic;
  private final BatchQueue queue;
  private final IntakeStore store;
  private final IntakeSettings settings;
  private final TimeSource time;
  private final Stalls stalls;
  private final EventSink<IntakeEvent> metrics;
  private final DirectLetters letters;
  private final Heartbeat heartbeat;
  private final Defects defects;
  private final Sparsely refusedLines;
  private final Job job;

  BatchStorer(
      String topic,
      BatchQueue queue,
      IntakeStore store,
      IntakeSettings settings,
      IntakeWatch watch) {
    this.topic = topic;
    this.queue = queue;
    this.store = store;
    this.settings = settings;
    this.time = watch.time();
    this.stalls = watch.stalls();
    this.metrics = watch.metrics();
    this.letters = watch.letters();
    this.defects =
        new Defects("a batch of topic " + topic + " was not stored, and is tried again", time);
    this.refusedLines = new Sparsely(time, Duration.ofMinutes(1));
    this.heartbeat =
        new Heartbeat(
            "intake-store-" + topic,
            time,
            LONGEST_STORING,
            "the store does not answer it",
            "The lines about the store's threads say why. Nothing is lost, and no offset is committed"
                + " meanwhile.");
    heartbeat.idle();
    this.job =
        watch.threads().job("intake-store-" + topic, Threads.Kind.VIRTUAL, this::run).start();
  }

  /** The sign of life of its thread, which waits for the store. */
  Heartbeat heartbeat() {
    return heartbeat;
  }

  /** Ends the queue, and waits for the part of a batch that the store has begun. */
  @Override
  public void close() {
    queue.close();
    job.awaitEnd();
  }

  private void run() {
    try {
      for (ReadBatch read = queue.next(); read != null; read = queue.next()) {
        storeAll(read);
        if (read.epoch().hasEnded()) { // what was left of it is somebody else's
          stalls.abandon(what(), "its partitions have been given up");
        }
        queue.done();
      }
    } catch (StoreException.Closed e) {
      LOG.info("Intake of topic {} ends: {}", topic, e.getMessage());
      queue.done();
    }
  }

  /** Whatever fails here is tried again: without this thread the topic would stall in silence. */
  private void storeAll(ReadBatch read) {
    while (!read.batch().isEmpty() && !read.epoch().hasEnded()) {
      try {
        store(read);
      } catch (StoreException.Closed e) {
        throw e;
      } catch (RuntimeException | Error e) {
        restAfterDefect(read, e);
      }
    }
  }

  private void restAfterDefect(ReadBatch read, Throwable defect) {
    if (read.epoch().hasEnded()) {
      return;
    }
    defects.accept(defect);
    stalls.begin(
        what(),
        "storing failed in an unexpected way: " + defect,
        "It is tried again; please report the error that was logged.");
    queue.pause(read.epoch(), settings.failureBackoff());
  }

  private void store(ReadBatch read) {
    metrics.count(new IntakeEvent.Batched(read.batch().rows(), read.batch().bytes()));
    Hold hold = new Hold(what(), store, stalls, metrics);
    while (!read.batch().isEmpty() && !read.epoch().hasEnded()) {
      Moment now = time.now();
      Admission admission =
          Backpressure.admit(read.batch().wish(now.wallMs()), store.load(), settings.limits());
      Batch.Part part =
          switch (admission) {
            case Admission.Admitted admitted -> read.batch().takeOut(admitted, now.wallMs());
            case Admission.Held _ -> Batch.Part.NOTHING;
          };
      if (part.positions().isEmpty()) {
        hold.lasts(reason(admission, read.batch(), now), now);
        queue.pause(read.epoch(), HELD_RETRY);
      } else {
        storePart(read, part);
        hold.ends();
      }
    }
  }

  /** If the first row may not enter, none does, so that the order is kept. */
  private static Backpressure.Reason reason(Admission admission, Batch batch, Moment now) {
    return switch (admission) {
      case Admission.Held(Backpressure.Reason reason) -> reason;
      case Admission.Admitted _ -> batch.limitOfFirst(now.wallMs());
    };
  }

  private String what() {
    return "Intake of topic " + topic;
  }

  /** Tries until the part is stored, or its partitions are somebody else's. */
  private void storePart(ReadBatch read, Batch.Part part) {
    while (true) {
      try {
        Moment before = time.now();
        int added = part.rows().isEmpty() ? 0 : add(read, part);
        stored(read, part, added, before);
        return;
      } catch (StoreException.RefusedRows refused) {
        Moment before = time.now();
        if (sendAway(read, part, refused)) {
          stored(read, part, refused.added(), before);
        }
        return;
      } catch (StoreException.Closed e) {
        throw e;
      } catch (StoreException.Unavailable | StoreException.Overloaded e) {
        metrics.count(new IntakeEvent.StoreFailed());
        boolean news =
            stalls.begin(
                what(),
                String.valueOf(e.getMessage()),
                "Nothing is lost: what is not stored stays in Kafka, and the batch is tried again"
                    + " by itself.");
        if (news) {
          LOG.debug("A batch of topic {} could not be stored", topic, e);
        }
        queue.pause(read.epoch(), settings.failureBackoff());
      } catch (RuntimeException e) {
        restAfterDefect(read, e);
      }
      if (read.epoch().hasEnded()) {
        return;
      }
    }
  }

  /**
   * Sends rows that the store refuses to the dead-letter topic. Their partitions wait until Kafka
   * has acknowledged the records.
   *
   * @return false if the epoch ended before that; the partition's next owner reads the records
   *     again
   */
  private boolean sendAway(ReadBatch read, Batch.Part part, StoreException.RefusedRows refused) {
    for (Map.Entry<Integer, String> row : refused.reasons().entrySet()) {
      NewActivation activation = part.rows().get(row.getKey());
      DirectLetters.Obstacle obstacle =
          letters.publish(activation, row.getValue(), time.now().wallMs());
      while (obstacle != null && !read.epoch().hasEnded()) {
        stalls.begin(
            what(),
            "record %d of %s cannot be stored (%s), nor published to topic '%s': %s"
                .formatted(
                    activation.activation().offset(),
                    activation.activation().partition(),
                    row.getValue(),
                    letters.topic(),
                    obstacle.reason()),
            obstacle.remedy());
        queue.pause(read.epoch(), settings.failureBackoff());
        obstacle = letters.publish(activation, row.getValue(), time.now().wallMs());
      }
      if (obstacle != null) {
        return false;
      }
      metrics.count(new IntakeEvent.Bad());
      long records = refusedLines.count(1);
      if (records > 0) {
        LOG.warn(
            "Record {}@{} cannot be stored ({}); it has gone to the dead-letter topic ({} such"
                + " records since the last line)",
            activation.activation().partition(),
            activation.activation().offset(),
            row.getValue(),
            records);
      }
    }
    return true;
  }

  private int add(ReadBatch read, Batch.Part part) {
    heartbeat.beat();
    try {
      return store.add(part.rows(), read.epoch());
    } finally {
      heartbeat.idle();
    }
  }

  private void stored(ReadBatch read, Batch.Part part, int added, Moment before) {
    queue.stored(read, part);
    if (part.rows().isEmpty()) {
      return;
    }
    Moment now = time.now();
    long oldestMs =
        part.rows().stream().mapToLong(row -> row.activation().receivedAtMs()).min().orElse(0);
    metrics.count(
        new IntakeEvent.Stored(
            added,
            now.since(before),
            Duration.ofMillis(Math.max(0, Times.minus(now.wallMs(), oldestMs)))));
  }
}
