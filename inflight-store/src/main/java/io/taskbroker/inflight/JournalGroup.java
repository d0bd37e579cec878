package io.taskbroker.inflight;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.Changes;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * One group of changes.
 *
 * @param number of the group, which the journal keeps with it; each is one more than that of the
 *     last group that was written
 * @param payloads by key, one for each of {@code changes.inserted()}
 * @param settledReports that were {@linkplain Elsewhere#left left} here and are done with; they are
 *     removed. Always empty for a journal that is not shared
 * @param givenUp partitions that are in nobody's custody once the group is written, and wanted by
 *     nobody. Always empty for a journal that is not shared
 */
public record JournalGroup(
    long number,
    Changes changes,
    Map<Long, byte[]> payloads,
    Collection<Elsewhere.Left> settledReports,
    Collection<Partition> givenUp) {
  /** A group of which nobody will ask whether it was written. */
  public JournalGroup(Changes changes, Map<Long, byte[]> payloads) {
    this(0, changes, payloads);
  }

  /** A group of changes and nothing else. */
  public JournalGroup(long number, Changes changes, Map<Long, byte[]> payloads) {
    this(number, changes, payloads, List.of(), List.of());
  }
}
