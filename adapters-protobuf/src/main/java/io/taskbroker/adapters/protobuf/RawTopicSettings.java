package io.taskbroker.adapters.protobuf;

import org.jspecify.annotations.Nullable;

/**
 * The task that a raw topic's records are parameters of.
 *
 * @param processingDeadlineSec how long a worker may take, 0 and up
 * @param compressionLevel of zstd; null to keep parameters as they are
 */
public record RawTopicSettings(
    String application,
    String namespace,
    String taskname,
    int processingDeadlineSec,
    @Nullable Integer compressionLevel) {
  public RawTopicSettings {
    if (processingDeadlineSec < 0) {
      throw new IllegalArgumentException(
          "processingDeadlineSec must not be negative, was " + processingDeadlineSec);
    }
  }
}
