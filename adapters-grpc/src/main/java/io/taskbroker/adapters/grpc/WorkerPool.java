package io.taskbroker.adapters.grpc;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.taskbroker.application.push.WorkerConnection;
import io.taskbroker.application.push.WorkerGateway.Workers;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of one application: connections to each address behind their name, each a channel of
 * its own, made when it is needed. {@link #follow} belongs to one thread at a time; the rest is
 * safe for all.
 */
final class WorkerPool {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::push");

  /**
   * An older connection is replaced, so that a balancer before the workers can send it to one that
   * was added since.
   */
  static final Duration OLD = Duration.ofMinutes(10);

  private final String application;
  private final WorkerAddress address;
  private final int connections;
  private final WorkerChannels open;
  private final Names names;
  private final TimeSource time;
  private final Map<WorkerConnection, Channel> channels = new ConcurrentHashMap<>();
  private volatile Workers workers;
  private boolean complained;

  private record Channel(ManagedChannel managed, Moment until) {}

  /**
   * @param connections to a single address; several addresses share them, with at least one each
   * @param open makes the channels
   */
  WorkerPool(
      String application,
      WorkerAddress address,
      int connections,
      WorkerChannels open,
      Names names,
      TimeSource time) {
    this.application = application;
    this.address = address;
    this.connections = connections;
    this.open = open;
    this.names = names;
    this.time = time;
    this.workers = new Workers(List.of(), "host '" + address.hostName() + "' is being looked up");
  }

  /** Looks the name up, and follows what has changed. Where nobody can say, all stays as it is. */
  void follow() {
    try {
      follow(names.addresses(address.hostName()));
      complained = false;
    } catch (UnknownHostException e) {
      complain(e);
    }
  }

  private void complain(UnknownHostException e) {
    if (workers.connections().isEmpty()) {
      workers = new Workers(List.of(), "there is no host '" + address.hostName() + "'");
    }
    if (!complained) {
      complained = true;
      LOG.warn(
          "The workers of application '{}' cannot be looked up ({}); {}. It is tried again; see"
              + " worker_map and the name servers",
          application,
          e.toString(),
          workers.connections().isEmpty() ? "nothing is pushed" : "the known addresses are used");
    }
  }

  private void follow(List<InetAddress> found) {
    Map<WorkerConnection, InetSocketAddress> wanted = wanted(found);
    channels.forEach((connection, channel) -> renew(connection, channel, wanted.get(connection)));
    wanted.forEach((connection, socket) -> channels.computeIfAbsent(connection, _ -> open(socket)));
    List<WorkerConnection> all = List.copyOf(wanted.keySet());
    if (!all.equals(workers.connections())) {
      if (!workers.connections().isEmpty()) {
        LOG.info("The workers of application '{}' are at {} now", application, addresses(all));
      }
      workers = new Workers(all, "");
    }
  }

  private Map<WorkerConnection, InetSocketAddress> wanted(List<InetAddress> found) {
    Map<String, InetSocketAddress> sorted = new TreeMap<>();
    for (InetAddress one : found) {
      // Without the name that was looked up: gRPC refuses addresses whose name has an underscore.
      var socket =
          new InetSocketAddress(InetAddress.ofLiteral(one.getHostAddress()), address.port());
      sorted.put(text(socket), socket);
    }
    int each = Math.ceilDiv(connections, Math.max(1, sorted.size()));
    Map<WorkerConnection, InetSocketAddress> wanted = new LinkedHashMap<>();
    sorted.forEach(
        (text, socket) -> {
          for (int number = 1; number <= each; number++) {
            wanted.put(new WorkerConnection(text, number), socket);
          }
        });
    return wanted;
  }

  private static String text(InetSocketAddress socket) {
    String host = socket.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + socket.getPort();
  }

  private static Collection<String> addresses(List<WorkerConnection> connections) {
    return connections.stream().map(WorkerConnection::address).distinct().toList();
  }

  /**
   * What was sent over a channel that is left or replaced may end there.
   *
   * @param socket null if its address is gone
   */
  private void renew(
      WorkerConnection connection, Channel channel, @Nullable InetSocketAddress socket) {
    if (socket == null) {
      channels.remove(connection);
      channel.managed().shutdown();
    } else if (channel.until().isBefore(time.now())) {
      channels.put(connection, open(socket));
      channel.managed().shutdown();
    }
  }

  private Channel open(InetSocketAddress socket) {
    return new Channel(open.to(socket, address), open.renewal(time.now(), OLD));
  }

  Workers workers() {
    return workers;
  }

  /**
   * The channel of a connection; null if it is gone. One that failed is tried afresh: how often is
   * for the caller to decide, who knows whether there is work, and not for its own, ever longer
   * pauses.
   */
  @Nullable ManagedChannel channel(WorkerConnection over) {
    Channel channel = channels.get(over);
    if (channel == null) {
      return null;
    }
    if (channel.managed().getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.managed().enterIdle();
    }
    return channel.managed();
  }

  List<ManagedChannel> channels() {
    List<ManagedChannel> all = new ArrayList<>();
    channels.values().forEach(channel -> all.add(channel.managed()));
    return all;
  }
}
