package io.taskbroker.inflight;

import io.taskbroker.inflight.engine.Changes;
import java.util.Map;

/**
 * One group of changes.
 *
 * @param number of the group, which the journal keeps with it; each is one more than that of the
 *     last group that was written
 * @param payloads by key, one for each of {@code changes.inserted()}
 */
public record JournalGroup(long number, Changes changes, Map<Long, byte[]> payloads) {
  /** A group of which nobody will ask whether it was written. */
  public JournalGroup(Changes changes, Map<Long, byte[]> payloads) {
    this(0, changes, payloads);
  }
}
