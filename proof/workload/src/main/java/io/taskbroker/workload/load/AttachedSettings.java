package io.taskbroker.workload.load;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Workers that are attached by streams.
 *
 * @param address of the broker, host and port
 * @param streams how many of them, each over a connection of its own
 * @param credit most tasks that one stream has at a time
 * @param application whose tasks they take; null for any
 * @param secret by which frames are signed; null for none
 */
public record AttachedSettings(
    String address,
    int streams,
    int credit,
    @Nullable String application,
    @Nullable String secret) {
  /** Of payload for each stream, far more than the credit's tasks have in a benchmark. */
  static final long CREDIT_BYTES = 64 << 20;

  /** Before a stream that broke is begun anew. */
  static final Duration RECOVERY = Duration.ofMillis(50);

  /** Taking anything, unsigned. */
  public static AttachedSettings at(String address, int streams, int credit) {
    return new AttachedSettings(address, streams, credit, null, null);
  }

  public AttachedSettings signedBy(String by) {
    return new AttachedSettings(address, streams, credit, application, by);
  }
}
