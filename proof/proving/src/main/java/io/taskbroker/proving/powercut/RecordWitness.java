package io.taskbroker.proving.powercut;

import io.taskbroker.workload.ledger.Watcher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Notes how long the record was when something became known outside of the broker. Whatever the
 * broker did before is within that length. Safe for all threads.
 */
public final class RecordWitness implements Watcher {
  private final Path record;
  private final NavigableMap<Long, Long> committed = new ConcurrentSkipListMap<>();
  private final Map<String, Long> handedOut = new ConcurrentHashMap<>();
  private final Map<String, Long> worked = new ConcurrentHashMap<>();
  private volatile boolean sealed;

  /**
   * @param record exists
   */
  public RecordWitness(Path record) {
    this.record = record;
  }

  private long now() {
    try {
      return Files.size(record);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + record, e);
    }
  }

  /** Kafka has just said that this position is committed. */
  public void committed(long position) {
    committed.put(now(), position);
  }

  /** The recorded broker is gone: what comes from here on is another one's. */
  public void seal() {
    sealed = true;
  }

  @Override
  public void handedOut(String id) {
    if (!sealed) {
      handedOut.putIfAbsent(id, now());
    }
  }

  @Override
  public void worked(String id) {
    worked.putIfAbsent(id, sealed ? Long.MAX_VALUE : now());
  }

  /** The last position known to be committed when the record was that long; 0 if none was. */
  long committedAt(long length) {
    var last = committed.floorEntry(length);
    return last == null ? 0 : last.getValue();
  }

  /** Whether a worker had it when the record was that long. */
  boolean wasHandedOutAt(String id, long length) {
    Long at = handedOut.get(id);
    return at != null && at <= length;
  }

  /** Whether a worker may have reported it before the record was that long. */
  boolean mayBeReportedAt(String id, long length) {
    Long at = worked.get(id);
    return at != null && at < length;
  }

  /** Lengths at which a commit became known. */
  List<Long> commits() {
    return List.copyOf(committed.keySet());
  }

  /** The length at which a worker was given it first; null if none was. */
  @Nullable Long handedOutAt(String id) {
    return handedOut.get(id);
  }
}
