package io.taskbroker.application.broker;

import io.taskbroker.application.Defects;
import io.taskbroker.application.Elapsed;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.store.Absence;
import io.taskbroker.application.store.StoreWatch;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Told of all that goes wrong in the store and in the loops. What stands still gets a stall line
 * and makes the broker unhealthy; what cannot go on ends it. Safe for all threads.
 */
final class Troubles implements StoreWatch {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::upkeep");

  private static final String CANNOT_WRITE = "the store cannot write";

  private final Health health;
  private final Stalls stalls;
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

  Troubles(HealthSettings settings, TimeSource time) {
    this.health = new Health(settings);
    this.stalls = new Stalls(time);
  }

  Health health() {
    return health;
  }

  Stalls stalls() {
    return stalls;
  }

  /** Completes with the cause when the broker cannot go on and has to be stopped. */
  CompletionStage<Throwable> failure() {
    return failure;
  }

  @Override
  public synchronized void writing(Optional<String> trouble) {
    if (trouble.isPresent()) {
      health.trouble(CANNOT_WRITE);
      stalls.begin(
          Stalls.STORE,
          "it cannot write: " + trouble.get(),
          "It goes on by itself, without a restart, as soon as it can write; until then nothing is"
              + " handed out, and what workers report is taken as far as it can be.");
    } else {
      stalls.end(Stalls.STORE);
      lookWhetherTheStoreGoesOn();
    }
  }

  /**
   * Workers are told to come again when that is said of the store: they are not sent away and
   * called back with each small report that a full disk takes. To be called each second or so.
   */
  synchronized void lookWhetherTheStoreGoesOn() {
    if (!stalls.current().containsKey(Stalls.STORE)) {
      health.mended(CANNOT_WRITE);
    }
  }

  @Override
  public void reading(Optional<String> trouble) {
    if (trouble.isPresent()) {
      stalls.begin(
          Stalls.READING,
          "no task can be read: " + trouble.get(),
          "It goes on by itself, as soon as the disk can be read; until then nothing is handed out or"
              + " published, and what workers report is taken.");
    } else {
      stalls.end(Stalls.READING);
    }
  }

  @Override
  public void sharing(Optional<String> trouble) {
    if (trouble.isPresent()) {
      stalls.begin(
          Stalls.SHARING,
          "what the brokers share cannot be reached: " + trouble.get(),
          "It goes on by itself, without a restart, as soon as that answers. If this lasts for half a"
              + " minute this broker leaves its partitions to those that can reach it.");
    } else {
      stalls.end(Stalls.SHARING);
    }
  }

  @Override
  public void absent(Partition partition, Absence absence) {
    String what =
        "Reading of partition %d of topic '%s'".formatted(partition.number(), partition.topic());
    switch (absence) {
      case Absence.WithAnother(String owner, Duration silence) ->
          stalls.begin(
              what,
              "its tasks are with broker %s, which has not given them up; that broker's last sign of life was %s ago"
                  .formatted(owner, Elapsed.text(silence)),
              "A broker that runs hands them over within seconds: look into its log, and restart it"
                  + " if it does not. A dead one is deposed ten seconds after its last sign of life,"
                  + " and its tasks come here by themselves.");
      case Absence.BeingRead(int rows) ->
          stalls.begin(
              what,
              "its tasks are being read from the store, %d of them so far".formatted(rows),
              "Wait: they are handed out as they come, and new ones are read after the last.");
      case Absence.Over _ -> stalls.end(what);
      case Absence.GivenUp _ ->
          stalls.abandon(what, "this broker does not read the partition any more");
    }
  }

  @Override
  public void thread(Heartbeat heartbeat) {
    health.watch(heartbeat);
  }

  @Override
  public void failed(Throwable cause) {
    failure.complete(cause);
  }

  /**
   * A turn of a loop has thrown.
   *
   * @param waits how often the log says that this loop waits for the store
   */
  void report(String loop, Throwable thrown, Sparsely waits, Defects defects) {
    if (thrown instanceof StoreException.Closed) {
      LOG.debug("Loop {} found the store closed", loop);
      return;
    }
    if (thrown instanceof StoreException.Unavailable) {
      if (waits.count(1) > 0
          && !stalls.current().containsKey(Stalls.STORE)) { // or it is said already
        LOG.warn("Loop {} waits for the store: {}", loop, thrown.getMessage());
      }
      return;
    }
    defects.accept(thrown);
    if (thrown instanceof Error) {
      failure.complete(thrown);
    }
  }
}
