package io.taskbroker.adapters.grpc;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what was claimed for clients that have not read it yet, so that those which ask and never
 * read can neither fill the memory nor use up what the others need.
 *
 * <p>A connection may have no more under way than is left for all others, so the last of the room
 * is always for those with little. When room runs short all the same, answers that have waited for
 * their readers too long are taken back. Safe for all threads.
 */
final class BytesUnderway extends ServerTransportFilter {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::server");
  private static final Attributes.Key<AtomicLong> CONNECTION =
      Attributes.Key.create("bytes-underway");

  /** How often the unread answers are looked through while room is short. */
  private static final Duration LOOK = Duration.ofMillis(100);

  private final TimeSource time;
  private final AtomicLong all = new AtomicLong();
  private final long max;
  private final long maxPerConnection;
  private final Duration unreadAtMost;
  private final Set<Parcel> unread = ConcurrentHashMap.newKeySet();
  private final AtomicLong nextLookMs = new AtomicLong(Long.MIN_VALUE);
  private final Sparsely lines;

  BytesUnderway(GrpcServerLimits limits, TimeSource time) {
    this.time = time;
    this.max = limits.answers().bytes();
    this.maxPerConnection = limits.answers().bytesPerConnection();
    this.unreadAtMost = limits.answers().unreadAtMost();
    this.lines = new Sparsely(time, Duration.ofSeconds(10));
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    return attributes.toBuilder().set(CONNECTION, new AtomicLong()).build();
  }

  /** The share of the connection that the call came through. */
  Share of(ServerCall<?, ?> call) {
    AtomicLong connection = call.getAttributes().get(CONNECTION);
    return new Share(connection == null ? new AtomicLong() : connection);
  }

  /** What one connection has under way, within what all have. */
  final class Share {
    private final AtomicLong connection;

    private Share(AtomicLong connection) {
      this.connection = connection;
    }

    /** Whether it is worth while to claim something. */
    boolean hasRoom() {
      long here = connection.get();
      if (here >= maxPerConnection) {
        return false;
      }
      boolean left = here < max - all.get();
      if (!left) {
        takeBackOldest();
      }
      return left;
    }

    /**
     * Counts {@code bytes} if they fit. Alone, anything fits: it has to get out somehow.
     *
     * @param takeBack ends the call that has them, on whichever thread
     * @return to be given back once; null if they do not fit
     */
    @Nullable Parcel take(long bytes, Runnable takeBack) {
      long here = connection.addAndGet(bytes);
      long everywhere = all.addAndGet(bytes);
      boolean first = here == bytes;
      boolean fitsAll =
          everywhere == bytes
              || (everywhere <= max && (first || here <= max - (everywhere - bytes)));
      if (fitsAll && (first || here <= maxPerConnection)) {
        var parcel = new Parcel(connection, bytes, time.now().monotonicMs(), takeBack);
        unread.add(parcel);
        return parcel;
      }
      connection.addAndGet(-bytes);
      all.addAndGet(-bytes);
      if (!fitsAll) {
        takeBackOldest();
      }
      return null;
    }
  }

  /** A task that its client has not read yet. */
  final class Parcel {
    private final AtomicLong connection;
    private final long bytes;
    private final long sinceMs;
    private final Runnable takeBack;

    private Parcel(AtomicLong connection, long bytes, long sinceMs, Runnable takeBack) {
      this.connection = connection;
      this.bytes = bytes;
      this.sinceMs = sinceMs;
      this.takeBack = takeBack;
    }

    /** It is read, or gone. Has an effect once only. */
    void giveBack() {
      if (unread.remove(this)) {
        connection.addAndGet(-bytes);
        all.addAndGet(-bytes);
      }
    }
  }

  /** Somebody was refused for want of room: those who sit on it have had time enough. */
  private void takeBackOldest() {
    long nowMs = time.now().monotonicMs();
    long nextMs = nextLookMs.get();
    if (nowMs < nextMs || !nextLookMs.compareAndSet(nextMs, nowMs + LOOK.toMillis())) {
      return;
    }
    long tasks = 0;
    for (Parcel parcel : unread) {
      if (nowMs - parcel.sinceMs >= unreadAtMost.toMillis()) {
        parcel.takeBack.run();
        tasks++;
      }
    }
    long taken = lines.count(tasks);
    if (taken > 0) {
      LOG.warn(
          "Took {} tasks back from workers that had not read them for {} s, while others found no"
              + " room: look for workers that hang, or are behind a slow link",
          taken,
          unreadAtMost.toSeconds());
    }
  }
}
