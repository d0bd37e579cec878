package io.taskbroker.adapters.grpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the bytes of requests that are in memory, so that clients which begin requests and do not
 * end them cannot fill it. Whose requests they are is not known before they are whole.
 *
 * <p>A little is free for each connection, which is all that workers need. When the others together
 * have too much, calls are ended whose requests are not whole: those of the connection that has
 * most, its oldest first. Safe for all threads.
 */
final class RequestBytes {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::server");
  private static final Attributes.Key<Connection> CONNECTION =
      Attributes.Key.create("request-bytes");
  private static final Context.Key<Request> REQUEST = Context.key("request-bytes");
  private static final Status NO_ROOM =
      Status.DEADLINE_EXCEEDED.withDescription(
          "The request was not whole when the room for requests ran out");

  private final long max;
  private final long freePerConnection;
  private final Sparsely lines;

  /** Connections that have more than is free. Guarded by this, as is all below. */
  private final Set<Connection> laden = new HashSet<>();

  private long counted;

  RequestBytes(GrpcServerLimits limits, TimeSource time) {
    this.max = limits.requestBytesInAll();
    this.freePerConnection = limits.requestBytesFree();
    this.lines = new Sparsely(time, Duration.ofSeconds(10));
  }

  /** Tells the connections apart. */
  ServerTransportFilter connections() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        Object address = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        return attributes.toBuilder()
            .set(CONNECTION, new Connection(String.valueOf(address)))
            .build();
      }
    };
  }

  /** Sees what each request brings. It needs the {@link CallCutter} before it. */
  ServerStreamTracer.Factory requests() {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new Request();
      }
    };
  }

  /** That of the call that is being handled on this thread; null where nobody counts. */
  static @Nullable Request ofThisCall() {
    return REQUEST.get();
  }

  private static final class Connection {
    private final String address;
    private final AtomicLong bytes = new AtomicLong();

    /** Requests that are counted and not whole, the oldest first. */
    private final SequencedSet<Request> unfinished = new LinkedHashSet<>();

    private long counted;

    private Connection(String address) {
      this.address = address;
    }
  }

  /** One request; only its end may come on another thread than its connection's. */
  final class Request extends ServerStreamTracer {
    private @Nullable Runnable cut;
    private @Nullable Connection connection;
    private long bytes;
    private volatile boolean isCounted;
    private long countedBytes;
    private boolean isOver;

    @Override
    public Context filterContext(Context context) {
      cut = CallCutter.of(context, NO_ROOM);
      return context.withValue(REQUEST, this);
    }

    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> call) {
      connection = call.getAttributes().get(CONNECTION);
    }

    @Override
    public void inboundWireSize(long more) {
      if (connection == null) {
        return;
      }
      bytes += more;
      if (connection.bytes.addAndGet(more) > freePerConnection) {
        List<Request> victims = count(this, connection);
        if (!victims.isEmpty()) {
          cut(victims, connection.address);
        }
      }
    }

    /**
     * It is whole, and its call will not be ended any more for what it takes.
     *
     * @return false if that has happened already
     */
    boolean arrived() {
      return !isCounted || keep(this);
    }

    @Override
    public void streamClosed(Status status) {
      if (connection != null) {
        connection.bytes.addAndGet(-bytes);
        if (isCounted) {
          forget(this, connection);
        }
      }
    }
  }

  /** Returns those that have to go. */
  private synchronized List<Request> count(Request request, Connection connection) {
    if (request.isOver) {
      return List.of();
    }
    request.isCounted = true;
    long more = request.bytes - request.countedBytes;
    request.countedBytes += more;
    connection.counted += more;
    counted += more;
    laden.add(connection);
    connection.unfinished.add(request);
    List<Request> victims = new ArrayList<>();
    while (counted > max) {
      Connection largest = largest();
      if (largest == null) {
        break;
      }
      Request victim = largest.unfinished.getFirst();
      forget(victim, largest);
      victims.add(victim);
    }
    return victims;
  }

  /** Of those that can give something back; null if all requests are whole. */
  private @Nullable Connection largest() {
    Connection largest = null;
    for (Connection one : laden) {
      boolean isLarger = largest == null || one.counted > largest.counted;
      if (isLarger && !one.unfinished.isEmpty()) {
        largest = one;
      }
    }
    return largest;
  }

  private synchronized boolean keep(Request request) {
    if (request.connection != null) {
      request.connection.unfinished.remove(request);
    }
    return !request.isOver;
  }

  private synchronized void forget(Request request, Connection connection) {
    request.isOver = true;
    connection.unfinished.remove(request);
    connection.counted -= request.countedBytes;
    counted -= request.countedBytes;
    request.countedBytes = 0;
    if (connection.counted == 0) {
      laden.remove(connection);
    }
  }

  private void cut(List<Request> victims, String address) {
    for (Request victim : victims) {
      if (victim.cut != null) {
        victim.cut.run();
      }
    }
    long ended = lines.count(victims.size());
    if (ended > 0) {
      LOG.warn(
          "Ended {} calls whose requests were not whole, as more than {} MB of requests were in"
              + " memory: look for clients that begin requests and do not end them, the last one"
              + " at {}",
          ended,
          max >> 20,
          address);
    }
  }
}
