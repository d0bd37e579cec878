package io.taskbroker.bootstrap;

import io.taskbroker.adapters.grpc.GrpcServer;
import io.taskbroker.adapters.grpc.GrpcServerLimits;
import io.taskbroker.adapters.grpc.GrpcServerSettings;
import io.taskbroker.adapters.grpc.GrpcWorkers;
import io.taskbroker.adapters.grpc.GrpcWorkersSettings;
import io.taskbroker.adapters.grpc.OwnCalledWorkers;
import io.taskbroker.adapters.grpc.OwnWorkers;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.adapters.metrics.MetricsSettings;
import io.taskbroker.adapters.protobuf.CanaryTasks;
import io.taskbroker.adapters.protobuf.ProtobufActivationDecoder;
import io.taskbroker.adapters.protobuf.ProtobufActivationEncoder;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.application.Health;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.broker.BrokerPorts;
import io.taskbroker.application.broker.BrokerSettings;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.push.PushPorts;
import io.taskbroker.application.push.PushSettings;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.PushConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The small broker of a {@link Rehearsal}, with its store, its server and its workers. It has the
 * code of the real one, and its settings but for the limits: those hold for real tasks.
 */
final class RehearsedBroker implements AutoCloseable {
  static final String NAME = "rehearsal";

  /** Of its store; the names of the companions begin alike. */
  static final String FILE = NAME + ".sqlite";

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker");

  private static final int SECRET_BYTES = 32;

  /** Its workers share one connection. */
  private static final GrpcServerLimits.Connections FEW =
      new GrpcServerLimits.Connections(
          32,
          0,
          32,
          256,
          Duration.ofSeconds(10),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30),
          Duration.ofMinutes(1));

  /** Under way at once. */
  private static final int PUSHES = 32;

  /** Tasks claimed at once, and ahead of the pushes. */
  private static final int CLAIMS = 64;

  /** What is on its way to a worker of this process is there in no time. */
  private static final Duration DRAINING = Duration.ofSeconds(1);

  private final BrokerConfig config;
  private final TimeSource time;
  private final Broker broker;

  /** What is to be closed, the last one first. */
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private final Partition partition = new Partition(NAME, 0);
  private int offset;

  /**
   * Opens it. What its workers do is told to {@code onDone}: they are called if those of the real
   * one are, and ask otherwise.
   *
   * @param file of its store, which is made
   */
  RehearsedBroker(BrokerConfig config, TimeSource time, Path file, IntConsumer onDone) {
    this.config = config;
    this.time = time;
    var metrics = new Metrics(uncounted(), time);
    List<String> secrets =
        config.grpc().sharedSecrets().isEmpty() ? List.of() : List.of(newSecret());
    String pushSecret = newSecret(); // its workers have nothing else to know strangers by
    try {
      Optional<OwnCalledWorkers> called =
          config.push().map(_ -> toClose(new OwnCalledWorkers(pushSecret, onDone)));
      Optional<PushPorts> push =
          called.map(workers -> pushTo(workers, List.of(pushSecret), metrics));
      this.broker = toClose(Broker.open(settings(), ports(file, metrics, push)));
      GrpcServer server = toClose(serverOf(metrics, secrets)).start();
      parts.push(this::drain);
      intake().assigned(Map.of(partition, 0L));
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
      called.ifPresentOrElse(
          workers -> workers.reportTo(address, secrets),
          () -> toClose(new OwnWorkers(address, secrets, onDone)).start());
      broker.startPushing();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T toClose(T part) {
    parts.push(part);
    return part;
  }

  /** Takes so many tasks in, and lets go those that are done. */
  void take(int tasks) {
    List<SourceRecord> records = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      long nowMs = time.now().wallMs();
      byte[] task = CanaryTasks.make(NAME, offset, nowMs).payload();
      records.add(new SourceRecord(partition, offset++, nowMs, task, List.of()));
    }
    intake().accept(records);
    intake().committed(intake().committable());
  }

  /** Bytes that its files have. */
  long size() {
    return broker.vitals().size().total();
  }

  private Intake intake() {
    return broker.intake(NAME);
  }

  @Override
  public void close() {
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception | Error e) {
        LOG.debug("A part of the rehearsal did not end in order", e);
      }
    }
  }

  /** A push that ends with its connection would be told of. */
  private void drain() throws InterruptedException {
    broker.drain();
    RunningBroker.awaitPushes(broker, DRAINING);
  }

  private BrokerSettings settings() {
    IntakeSettings intake = config.intake();
    return new BrokerSettings(
        config.store().longestWait(),
        new IntakeSettings(
            intake.batchRows(), intake.batchBytes(), intake.failureBackoff(), unlimited()),
        config.upkeep(),
        config.health(),
        Set.of(NAME),
        NAME,
        NAME);
  }

  /** The rehearsal itself goes by how many are under way. */
  private static Backpressure.Limits unlimited() {
    long most = Long.MAX_VALUE;
    return new Backpressure.Limits(most, most, most, most, null, most, most);
  }

  private PushPorts pushTo(OwnCalledWorkers workers, List<String> secrets, Metrics metrics) {
    PushConfig real = config.push().orElseThrow();
    var gateway =
        new GrpcWorkers(
            new GrpcWorkersSettings(
                Map.of(NAME, workers.address()),
                real.workers().connections(),
                real.workers().messageBytes(),
                real.workers().timeout(),
                secrets),
            time);
    var settings =
        new PushSettings(
            PUSHES, CLAIMS, CLAIMS, real.settings().timeout(), real.settings().lease());
    return new PushPorts(toClose(gateway), settings, metrics.push());
  }

  private BrokerPorts ports(Path file, Metrics metrics, Optional<PushPorts> push) {
    var journal =
        SqliteJournal.open(
            new SqliteSettings(file, SqliteSettings.DEFAULT_RECLAIM_PAGES),
            time,
            metrics.journal());
    return new BrokerPorts(
        OwnedStore.over(journal, config.store()),
        (_, _) -> {
          throw new IllegalStateException("tasks of a rehearsal are done, and never published");
        },
        topic ->
            metrics.measured(
                topic, new ProtobufActivationDecoder(config.activations(), new NamePool())),
        new ProtobufActivationEncoder(),
        time,
        ContainedThreads.INSTANCE,
        metrics.broker(),
        Rulebook.EMPTY,
        push);
  }

  /** Nobody but this process: on the loopback, and signed wherever the real one asks for that. */
  private GrpcServer serverOf(Metrics metrics, List<String> secrets) {
    String loopback = InetAddress.getLoopbackAddress().getHostAddress();
    return new GrpcServer(
        new GrpcServerSettings(loopback, 0, secrets),
        GrpcServerLimits.DEFAULT.with(FEW),
        broker.dispatch(),
        broker.exchange(),
        new Health(config.health()),
        time,
        metrics.calls());
  }

  private MetricsSettings uncounted() {
    return new MetricsSettings(Optional.empty(), Map.of(), config.metrics().samplerInterval());
  }

  private static String newSecret() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
