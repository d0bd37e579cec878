package io.taskbroker.bootstrap;

import io.taskbroker.adapters.grpc.GrpcServer;
import io.taskbroker.application.broker.Broker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts the parts in the order in which they need each other, and stops them the other way. */
final class RunningBroker {
  private final BrokerComponent parts;
  private final boolean servesWorkers;
  private @Nullable Broker broker;
  private @Nullable GrpcServer server;
  private @Nullable KafkaSources sources;

  /**
   * @param servesWorkers whether there is a gRPC server at all
   */
  RunningBroker(BrokerComponent parts, boolean servesWorkers) {
    this.parts = parts;
    this.servesWorkers = servesWorkers;
  }

  /** The store first, so that it can be read and served whatever becomes of the rest. */
  void start() {
    broker = parts.broker();
    broker.start();
    if (servesWorkers) {
      server = parts.server().start();
    }
    sources = parts.sources();
    sources.start();
  }

  /**
   * While workers hand in what they have, positions are committed and groups are left; only then do
   * the parts end which both of them need.
   */
  void stop() {
    if (broker == null) {
      return;
    }
    broker.drain();
    List<AutoCloseable> outermost = new ArrayList<>();
    if (server != null) {
      outermost.add(server::drain);
    }
    if (sources != null) {
      outermost.add(sources);
    }
    Together.close(outermost);
    List<AutoCloseable> next = new ArrayList<>();
    next.add(parts.publisher());
    if (server != null) {
      next.add(server);
    }
    Together.close(next);
    Together.close(List.of(broker));
  }
}
