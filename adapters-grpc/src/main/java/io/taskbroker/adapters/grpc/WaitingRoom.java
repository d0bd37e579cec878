package io.taskbroker.adapters.grpc;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * The connections that have made no valid request yet, by the host that they come from.
 *
 * <p>When one has to go, it is the oldest one of the host that has most. So a client that opens
 * thousands of connections takes places from itself only, and a probe of another host has the time
 * that it needs. Safe for all threads.
 */
final class WaitingRoom {
  /** Those of each host, the oldest first. Guarded by this, as is the count. */
  private final Map<Object, SequencedSet<Guard>> byHost = new HashMap<>();

  private int size;

  synchronized void enter(Guard guard) {
    if (byHost.computeIfAbsent(guard.host(), _ -> new LinkedHashSet<>()).add(guard)) {
      size++;
    }
  }

  /** Whether it was here. */
  synchronized boolean leave(Guard guard) {
    SequencedSet<Guard> ofHost = byHost.get(guard.host());
    if (ofHost == null || !ofHost.remove(guard)) {
      return false;
    }
    if (ofHost.isEmpty()) {
      byHost.remove(guard.host());
    }
    size--;
    return true;
  }

  synchronized int size() {
    return size;
  }

  /** The oldest one of this host; it is not here any more. Null if there is none. */
  synchronized @Nullable Guard takeFrom(Object host) {
    SequencedSet<Guard> ofHost = byHost.get(host);
    return ofHost == null ? null : taken(ofHost.getFirst());
  }

  /** The one that has to go; it is not here any more. Null if nobody is here. */
  synchronized @Nullable Guard take() {
    SequencedSet<Guard> most = null;
    for (SequencedSet<Guard> ofHost : byHost.values()) {
      if (most == null || isMore(ofHost, most)) {
        most = ofHost;
      }
    }
    return most == null ? null : taken(most.getFirst());
  }

  /** Of two hosts with as many, the one whose oldest came first. */
  private static boolean isMore(SequencedSet<Guard> one, SequencedSet<Guard> other) {
    return one.size() != other.size()
        ? one.size() > other.size()
        : one.getFirst().ticket() < other.getFirst().ticket();
  }

  private Guard taken(Guard guard) {
    var _ = leave(guard);
    return guard;
  }
}
