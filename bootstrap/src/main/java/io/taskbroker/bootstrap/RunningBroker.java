package io.taskbroker.bootstrap;

import io.taskbroker.adapters.grpc.GrpcServer;
import io.taskbroker.adapters.http.MonitoringServer;
import io.taskbroker.adapters.http.admin.AdminServer;
import io.taskbroker.application.broker.Broker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the parts in the order in which they need each other, and stops them the other way. */
final class RunningBroker {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::server");

  /** Workers keep the broker waiting, if they are busy, for longer than a stop may take. */
  private static final Duration PUSHES = Duration.ofSeconds(4);

  private static final Duration LOOK = Duration.ofMillis(20);

  private final BrokerComponent parts;
  private final boolean servesWorkers;
  private final Function<Broker, Optional<Rehearsal>> rehearsals;
  private @Nullable Broker broker;
  private @Nullable GrpcServer server;
  private @Nullable KafkaSources sources;
  private Optional<MonitoringServer> monitoring = Optional.empty();
  private Optional<AdminServer> admin = Optional.empty();
  private Optional<Rehearsal> rehearsal = Optional.empty();

  /**
   * @param servesWorkers whether there is a gRPC server at all
   * @param rehearsals makes one for the broker, if there is to be one; it is started last
   */
  RunningBroker(
      BrokerComponent parts,
      boolean servesWorkers,
      Function<Broker, Optional<Rehearsal>> rehearsals) {
    this.parts = parts;
    this.servesWorkers = servesWorkers;
    this.rehearsals = rehearsals;
  }

  /**
   * The rules before anything is judged by them; then the store, so that it can be read and served
   * whatever becomes of the rest.
   *
   * @param isToEnd asked between the parts; once it says so, the rest is left out
   */
  void start(BooleanSupplier isToEnd) {
    Optional<RulesFile> rules = parts.rules();
    if (isToEnd.getAsBoolean()) {
      return;
    }
    Broker opened = parts.broker();
    broker = opened;
    parts.metrics().watch(opened::vitals).start();
    parts.canaries().plant(opened);
    opened.start();
    rules.ifPresent(RulesFile::start);
    if (isToEnd.getAsBoolean()) {
      return;
    }
    monitoring = parts.monitoring();
    admin = parts.admin();
    if (servesWorkers) {
      server = parts.server().start();
      LOG.info("Workers are served on {}", server);
    }
    if (isToEnd.getAsBoolean()) {
      return;
    }
    sources = parts.sources();
    sources.start();
    if (servesWorkers) {
      rehearsal = rehearsals.apply(opened).map(Rehearsal::start);
    }
  }

  /**
   * While workers hand in what they have, positions are committed and groups are left; only then do
   * the parts end which both of them need.
   */
  void stop() {
    Broker running = broker;
    if (running == null) {
      return;
    }
    running.drain();
    List<AutoCloseable> outermost = new ArrayList<>();
    outermost.add(() -> awaitPushes(running, PUSHES));
    rehearsal.ifPresent(outermost::add);
    if (server != null) {
      outermost.add(server::drain);
    }
    if (sources != null) {
      outermost.add(sources);
    }
    Together.close(outermost);
    List<AutoCloseable> next = new ArrayList<>();
    next.add(parts.publisher());
    next.add(parts.demotion());
    parts.rules().ifPresent(next::add);
    parts.workers().ifPresent(next::add);
    if (server != null) {
      next.add(server);
    }
    admin.ifPresent(next::add);
    parts.letters().ifPresent(next::add);
    next.add(parts.topics());
    next.add(parts.hostClock());
    Together.close(next);
    Together.close(List.of(running));
    List<AutoCloseable> watching = new ArrayList<>(List.of(parts.metrics()));
    monitoring.ifPresent(watching::add);
    Together.close(watching);
  }

  /** What is on its way to workers arrives, or comes back; what hangs is left to its lease. */
  static void awaitPushes(Broker broker, Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (!broker.isDrained() && System.nanoTime() < end) {
      Thread.sleep(LOOK);
    }
  }
}
