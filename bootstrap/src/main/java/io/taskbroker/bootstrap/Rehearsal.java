package io.taskbroker.bootstrap;

import io.taskbroker.adapters.grpc.GrpcServer;
import io.taskbroker.adapters.grpc.GrpcServerLimits;
import io.taskbroker.adapters.grpc.GrpcServerSettings;
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
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.settings.BrokerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A second broker, small and for a few seconds, that does tasks of its own in this process. By then
 * the JVM has loaded and compiled what the first real tasks go through.
 *
 * <p>It has the code and the settings of the real one, but nothing else in common with it: its
 * store is a file of its own, its workers are in this process, it counts for nobody, and Kafka
 * knows nothing of it. Whatever goes wrong in it ends it, and nothing else.
 */
final class Rehearsal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker");

  private static final String NAME = "rehearsal";

  /** Tasks that come at once, as many as a poll of Kafka brings. */
  private static final int POLL = 500;

  /** Tasks that have come and are not done. */
  private static final int MOST_UNDER_WAY = 4 * POLL;

  /** More would teach the JVM little, and fill the temporary folder. */
  private static final int MOST = 20_000;

  /** How often it asks whether it is to end, and before that, whether it may begin. */
  private static final Duration LOOK = Duration.ofMillis(5);

  private static final Duration BEFORE = Duration.ofMillis(20);

  private static final int SECRET_BYTES = 32;

  private final BrokerConfig config;
  private final TimeSource time;
  private final Path folder;
  private final BooleanSupplier mayBegin;
  private final BooleanSupplier isNeedless;
  private final Semaphore underWay = new Semaphore(MOST_UNDER_WAY);
  private final Job job = SystemThreads.INSTANCE.job(NAME, Threads.Kind.PLATFORM, this::run);
  private volatile boolean isClosed;
  private final AtomicInteger tasks = new AtomicInteger();

  private Rehearsal(
      BrokerConfig config,
      TimeSource time,
      Path folder,
      BooleanSupplier mayBegin,
      BooleanSupplier isNeedless) {
    this.config = config;
    this.time = time;
    this.folder = folder;
    this.mayBegin = mayBegin;
    this.isNeedless = isNeedless;
  }

  /**
   * One as it is configured, not begun; empty if there is to be none.
   *
   * @param folder for its file, of this process alone
   * @param mayBegin whether the real broker has nothing to prepare any more
   * @param isNeedless whether the real broker has done a task; both are asked again and again
   */
  static Optional<Rehearsal> wanted(
      BrokerConfig config,
      TimeSource time,
      Path folder,
      BooleanSupplier mayBegin,
      BooleanSupplier isNeedless) {
    return config.rehearsal().isZero()
        ? Optional.empty()
        : Optional.of(new Rehearsal(config, time, folder, mayBegin, isNeedless));
  }

  /** Begins, and returns at once. */
  Rehearsal start() {
    job.start();
    return this;
  }

  /** How many tasks of its own it has taken in so far. */
  int tasks() {
    return tasks.get();
  }

  /** Returns when nothing is left of it. */
  void awaitEnd() {
    job.awaitEnd();
  }

  /** Ends it early, and returns when nothing is left of it. */
  @Override
  public void close() {
    isClosed = true;
    awaitEnd();
  }

  private boolean isToEnd() {
    return isClosed || isNeedless.getAsBoolean();
  }

  private void run() {
    Path file = folder.resolve(NAME + ".sqlite");
    try {
      while (!mayBegin.getAsBoolean() && !isToEnd()) {
        Thread.sleep(BEFORE);
      }
      if (!isToEnd()) {
        play(file);
      }
    } catch (Exception e) {
      LOG.debug("The rehearsal broke off", e);
    } finally {
      remove(file);
    }
  }

  private void play(Path file) throws InterruptedException {
    var metrics = new Metrics(uncounted(), time);
    List<String> secrets =
        config.grpc().sharedSecrets().isEmpty() ? List.of() : List.of(newSecret());
    try (Broker broker = Broker.open(settings(), ports(file, metrics));
        GrpcServer server = serve(broker, metrics, secrets);
        OwnWorkers _ =
            new OwnWorkers(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
                    secrets,
                    underWay::release)
                .start()) {
      long beginNanos = time.nanos();
      play(broker.intake(NAME));
      LOG.info(
          "{} tasks of the broker's own were rehearsed in {} ms",
          tasks(),
          TimeUnit.NANOSECONDS.toMillis(time.nanos() - beginNanos));
    }
  }

  private void play(Intake intake) throws InterruptedException {
    var partition = new Partition(NAME, 0);
    intake.assigned(Map.of(partition, 0L));
    long endNanos = time.nanos() + config.rehearsal().toNanos();
    while (tasks() < MOST && time.nanos() < endNanos && !isToEnd()) {
      if (underWay.tryAcquire(POLL, LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        intake.accept(poll(partition, tasks.getAndAdd(POLL)));
        intake.committed(intake.committable());
      }
    }
  }

  private List<SourceRecord> poll(Partition partition, int firstOffset) {
    List<SourceRecord> records = new ArrayList<>();
    for (int i = 0; i < POLL; i++) {
      records.add(record(partition, firstOffset + i));
    }
    return records;
  }

  private SourceRecord record(Partition partition, long offset) {
    long nowMs = time.now().wallMs();
    byte[] task = CanaryTasks.make(NAME, offset, nowMs).payload();
    return new SourceRecord(partition, offset, nowMs, task, List.of());
  }

  // ---------------------------------------------------------------- its parts

  private BrokerSettings settings() {
    return new BrokerSettings(
        config.store().longestWait(),
        config.intake(),
        config.upkeep(),
        config.health(),
        Set.of(NAME),
        NAME,
        NAME);
  }

  private BrokerPorts ports(Path file, Metrics metrics) {
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
        SystemThreads.INSTANCE,
        metrics.broker());
  }

  /** Nobody but this process: on the loopback, and signed wherever the real one asks for that. */
  private GrpcServer serve(Broker broker, Metrics metrics, List<String> secrets) {
    String loopback = InetAddress.getLoopbackAddress().getHostAddress();
    return new GrpcServer(
            new GrpcServerSettings(loopback, 0, secrets),
            GrpcServerLimits.DEFAULT,
            broker.dispatch(),
            broker.exchange(),
            new Health(config.health()),
            time,
            metrics.calls())
        .start();
  }

  private MetricsSettings uncounted() {
    return new MetricsSettings(Optional.empty(), Map.of(), config.metrics().samplerInterval());
  }

  private static String newSecret() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** With its companions, whose names begin alike. */
  private void remove(Path file) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, file.getFileName() + "*")) {
      for (Path one : all) {
        Files.deleteIfExists(one);
      }
    } catch (IOException e) {
      LOG.debug("The file of the rehearsal is still there", e);
    }
  }
}
