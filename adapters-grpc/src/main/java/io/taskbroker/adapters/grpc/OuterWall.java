package io.taskbroker.adapters.grpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides who may be connected, and whose unfinished requests have to go when all together keep too
 * much in memory. A {@link Guard} on each connection sees what there is to decide on.
 *
 * <p>Newcomers are always let in, so a probe is answered however many others are there. Safe for
 * all threads.
 */
final class OuterWall {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::server");
  private static final Attributes.Key<Guard> GUARD = Attributes.Key.create("guard");

  /** Files that the store, Kafka and the rest may have open, whatever connections there are. */
  private static final int FILES_OF_OTHERS = 256;

  /** Unfinished requests are looked through at most this often. */
  private static final Duration SHED_EVERY = Duration.ofMillis(10);

  /** What clients do that is told in the log, each now and then. */
  enum Complaint {
    MADE_ROOM(
        "{} connections were closed to make room for new ones, the last from {}: look for clients"
            + " that connect and make no valid request"),
    NO_SEAT(
        "{} calls were refused, the last from {}: as many connections are in use as"
            + " grpc_max_connections allows. Raise it, or let workers share connections"),
    NO_ROOM(
        "{} new connections were closed, the last from {}: as many are open as"
            + " grpc_max_connections, grpc_max_connections_per_address or the limit of open files"
            + " (ulimit -n, LimitNOFILE) allow. Raise it if these are workers"),
    SLOW(
        "Ended {} calls whose requests were not whole, or whose answers were not read, in time, the"
            + " last from {}: look for clients that hang, or are behind a slow link"),
    SHED(
        "Ended {} calls whose requests were not whole, as there were too many bytes of such"
            + " requests in memory, the last from {}: look for clients that begin requests and do"
            + " not end them"),
    ENDED(
        "Hung up on {} connections, the last from {}, for frames that are too slow, too large or"
            + " too many: look for clients that are not what they should be");

    private final String line;

    Complaint(String line) {
      this.line = line;
    }
  }

  private final GrpcServerLimits limits;
  private final TimeSource time;
  private final int room;
  private final Map<SocketAddress, Guard> guards = new ConcurrentHashMap<>();

  /** Those without a seat. */
  private final WaitingRoom waiting = new WaitingRoom();

  private final AtomicInteger seated = new AtomicInteger();
  private final AtomicLong tickets = new AtomicLong();
  private final AtomicLong kept = new AtomicLong();
  private final AtomicLong nextShedNanos = new AtomicLong(Long.MIN_VALUE);
  private final Map<Complaint, Sparsely> lines = new EnumMap<>(Complaint.class);
  private final Sparsely failures;

  /**
   * @param openFiles most files that the process may have open; connections are some of them
   */
  OuterWall(GrpcServerLimits limits, long openFiles, TimeSource time) {
    this.limits = limits;
    this.time = time;
    int wanted = limits.connections().seats() + limits.connections().waiting();
    this.room = Math.clamp(openFiles - FILES_OF_OTHERS, 16, wanted);
    if (room < wanted) {
      LOG.warn(
          "There is room for {} connections of workers and not for {}, as only {} files may be"
              + " open: raise that limit (ulimit -n, LimitNOFILE)",
          room,
          wanted,
          openFiles);
    }
    for (Complaint complaint : Complaint.values()) {
      lines.put(complaint, new Sparsely(time, Duration.ofSeconds(10)));
    }
    this.failures = new Sparsely(time, Duration.ofSeconds(10));
  }

  GrpcServerLimits limits() {
    return limits;
  }

  long nanos() {
    return time.nanos();
  }

  void complain(Complaint complaint, long times, SocketAddress last) {
    Sparsely line = lines.get(complaint);
    long told = line == null ? 0 : line.count(times);
    if (told > 0) {
      LOG.warn(complaint.line, told, last);
    }
  }

  /**
   * Stands where connections are accepted, and sets a guard on each.
   *
   * @param tls stands before each guard; empty for plain text
   */
  ChannelHandler doorway(Optional<TlsDoor> tls) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        var connection = (Channel) message;
        Guard guard = admit(connection);
        if (guard == null) {
          connection.unsafe().closeForcibly();
          return;
        }
        connection.pipeline().addFirst(guard);
        tls.ifPresent(door -> door.standBefore(connection, guard.address()));
        var _ = connection.closeFuture().addListener(_ -> left(guard));
        context.fireChannelRead(connection);
      }

      /** Behind it accepting is left alone for a second, and then goes on. */
      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        long failed = failures.count(1);
        if (failed > 0) {
          LOG.error(
              "Connections of workers could not be accepted: {}. They are accepted again as soon as"
                  + " that is possible. If too many files are open, raise the limit of open files"
                  + " (ulimit -n, LimitNOFILE) or lower grpc_max_connections ({} failures since the"
                  + " last such line)",
              cause.getMessage(),
              failed);
        }
        context.fireExceptionCaught(cause);
      }
    };
  }

  private @Nullable Guard admit(Channel connection) {
    SocketAddress address = connection.remoteAddress();
    if (address == null) {
      return null; // gone already
    }
    if (!makeRoomFor(address)) {
      complain(Complaint.NO_ROOM, 1, address);
      return null;
    }
    var guard = new Guard(this, connection, address, tickets.getAndIncrement());
    guards.put(address, guard);
    waiting.enter(guard);
    return guard;
  }

  private boolean makeRoomFor(SocketAddress newcomer) {
    int perAddress = limits.connections().perAddress();
    if (perAddress > 0 && newcomer instanceof InetSocketAddress inet) {
      InetAddress host = inet.getAddress();
      long there = guards.values().stream().filter(guard -> guard.host().equals(host)).count();
      if (there >= perAddress && !replace(waiting.takeFrom(host))) {
        return false;
      }
    }
    if (waiting.size() >= limits.connections().waiting() || guards.size() >= room) {
      return replace(waiting.take());
    }
    return true;
  }

  /**
   * Closes this connection for a newcomer.
   *
   * @param replaced does not wait any more; null if nobody does
   * @return false if there was nobody to close
   */
  private boolean replace(@Nullable Guard replaced) {
    if (replaced == null) {
      return false;
    }
    guards.remove(replaced.address(), replaced);
    replaced.close();
    complain(Complaint.MADE_ROOM, 1, replaced.address());
    return true;
  }

  private void left(Guard guard) {
    guards.remove(guard.address(), guard);
    if (!waiting.leave(guard) && guard.unseat()) {
      seated.decrementAndGet();
    }
  }

  /** Tells calls which connection they belong to. */
  ServerTransportFilter connections() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        SocketAddress address = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        Guard guard = address == null ? null : guards.get(address);
        return guard == null ? attributes : attributes.toBuilder().set(GUARD, guard).build();
      }
    };
  }

  /** Tells the guard which calls are streams. On the connection's thread. */
  ServerStreamTracer.Factory calls() {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(
          String fullMethodName, io.grpc.Metadata headers) {
        return STREAMS;
      }
    };
  }

  private static final ServerStreamTracer STREAMS =
      new ServerStreamTracer() {
        @Override
        public void serverCallStarted(ServerCallInfo<?, ?> call) {
          MethodType type = call.getMethodDescriptor().getType();
          Guard guard = type == MethodType.UNARY ? null : call.getAttributes().get(GUARD);
          OpenCall newest = guard == null ? null : guard.newest();
          if (newest != null && !type.clientSendsOneMessage()) {
            newest.asksInMessages();
          }
          if (newest != null && !type.serverSendsOneMessage()) {
            newest.answersInMessages();
          }
        }
      };

  /**
   * The connection has made a valid request, so it has a seat from now on.
   *
   * @return false if all seats are taken
   */
  boolean seats(Attributes call) {
    Guard guard = call.get(GUARD);
    if (guard == null || guard.isSeated()) {
      return true;
    }
    if (seated.incrementAndGet() > limits.connections().seats()) {
      seated.decrementAndGet();
      complain(Complaint.NO_SEAT, 1, guard.address());
      return false;
    }
    guard.seat();
    if (!waiting.leave(guard) && guard.unseat()) {
      seated.decrementAndGet(); // closed meanwhile, to make room
    }
    return true;
  }

  /** Counts what unfinished requests keep in memory, and ends some when that is too much. */
  void keeps(long change) {
    long all = kept.addAndGet(change);
    long most = limits.requests().bytesInAll();
    if (change > 0 && all > most) {
      long now = time.nanos();
      long next = nextShedNanos.get();
      if (now >= next && nextShedNanos.compareAndSet(next, now + SHED_EVERY.toNanos())) {
        shed(all - most * 7 / 8);
      }
    }
  }

  /** Those without a seat give first, and among them those that have most. */
  private void shed(long bytes) {
    record Holder(Guard guard, boolean hasSeat, long held) {}
    List<Holder> holders =
        guards.values().stream()
            .map(guard -> new Holder(guard, guard.isSeated(), guard.held()))
            .filter(holder -> holder.held > 0)
            .sorted(
                Comparator.comparing(Holder::hasSeat)
                    .thenComparing(Comparator.comparingLong(Holder::held).reversed()))
            .toList();
    long left = bytes;
    for (Holder holder : holders) {
      if (left > 0) {
        holder.guard.askToShed(Math.min(left, holder.held));
        left -= holder.held;
      }
    }
  }
}
