package io.taskbroker.adapters.grpc;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what was claimed for clients that have not read it yet, so that one which asks and never
 * reads cannot fill the memory. Safe for all threads.
 */
final class BytesUnderway extends ServerTransportFilter {
  private static final Attributes.Key<AtomicLong> CONNECTION =
      Attributes.Key.create("bytes-underway");

  private final AtomicLong all = new AtomicLong();
  private final long max;
  private final long maxPerConnection;

  BytesUnderway(GrpcServerLimits limits) {
    this.max = limits.bytesUnderway();
    this.maxPerConnection = limits.bytesUnderwayPerConnection();
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
      return connection.get() < maxPerConnection && all.get() < max;
    }

    /** Counts {@code bytes} if they fit. Alone, anything fits: it has to get out somehow. */
    boolean take(long bytes) {
      long here = connection.addAndGet(bytes);
      long everywhere = all.addAndGet(bytes);
      boolean fits =
          (here <= maxPerConnection || here == bytes) && (everywhere <= max || everywhere == bytes);
      if (!fits) {
        giveBack(bytes);
      }
      return fits;
    }

    void giveBack(long bytes) {
      connection.addAndGet(-bytes);
      all.addAndGet(-bytes);
    }
  }
}
