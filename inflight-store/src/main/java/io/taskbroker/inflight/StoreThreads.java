package io.taskbroker.inflight;

import io.taskbroker.application.Heartbeat;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.List;

/**
 * The signs of life of the store's threads, each of which can hang in a call of the file system.
 *
 * @param writer that of store-writer
 * @param sync that of store-sync
 * @param largePayloads that of store-large-payloads
 */
record StoreThreads(Heartbeat writer, Heartbeat sync, Heartbeat largePayloads) {
  /** Writing everything anew takes seconds for each GB. */
  static final Duration LONGEST_REWRITE = Duration.ofHours(1);

  /** No call of a disk that works takes as long. */
  private static final Duration LONGEST_CALL = Duration.ofSeconds(5);

  /**
   * @param place where the journal is, for people
   */
  static StoreThreads of(String place, TimeSource time) {
    StoreThreads threads =
        new StoreThreads(
            heartbeat("store-writer", "writes to or reads", place, time),
            heartbeat("store-sync", "syncs (fsync)", place, time),
            heartbeat("store-large-payloads", "reads", place, time));
    threads.all().forEach(Heartbeat::idle);
    return threads;
  }

  private static Heartbeat heartbeat(String name, String does, String place, TimeSource time) {
    return new Heartbeat(
        name,
        time,
        LONGEST_CALL,
        "it %s %s, and the file system does not answer".formatted(does, place),
        "See that the disk or network storage below it works (the system's log says more); the"
            + " broker goes on by itself once it does. If it never does, end the broker hard and"
            + " start it elsewhere: what was not synced comes again from Kafka.");
  }

  List<Heartbeat> all() {
    return List.of(writer, sync, largePayloads);
  }
}
