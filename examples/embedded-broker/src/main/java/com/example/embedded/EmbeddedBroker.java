package com.example.embedded;

import io.taskbroker.adapters.grpc.GrpcServer;
import io.taskbroker.adapters.grpc.GrpcServerLimits;
import io.taskbroker.adapters.grpc.GrpcServerSettings;
import io.taskbroker.adapters.protobuf.ActivationLimits;
import io.taskbroker.adapters.protobuf.ProtobufActivationDecoder;
import io.taskbroker.adapters.protobuf.ProtobufActivationEncoder;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.broker.BrokerMetrics;
import io.taskbroker.application.broker.BrokerPorts;
import io.taskbroker.application.broker.BrokerSettings;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.application.upkeep.UpkeepSettings;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The broker inside this application: tasks in a SQLite file, workers over gRPC, and whatever the
 * application likes in the place of Kafka.
 */
public final class EmbeddedBroker implements AutoCloseable {
  public static final String TOPIC = "orders";
  public static final String DEAD_LETTERS = "orders-dlq";

  private static final StoreSettings STORE =
      new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 5), false);

  private final Broker broker;
  private final GrpcServer server;

  private EmbeddedBroker(Broker broker, GrpcServer server) {
    this.broker = broker;
    this.server = server;
  }

  /**
   * Opens the file, creating it if it is missing, and serves workers on a free port of this
   * machine.
   *
   * @param publisher takes retries and dead letters
   */
  public static EmbeddedBroker open(Path file, Publisher publisher) {
    TimeSource time = EmbeddedBroker::now;
    SqliteJournal journal =
        SqliteJournal.open(new SqliteSettings(file, SqliteSettings.DEFAULT_RECLAIM_PAGES), time);
    Broker broker =
        Broker.open(
            settings(),
            new BrokerPorts(
                OwnedStore.over(journal, STORE),
                publisher,
                _ -> new ProtobufActivationDecoder(ActivationLimits.DEFAULT, new NamePool()),
                new ProtobufActivationEncoder(),
                time,
                SystemThreads.INSTANCE,
                BrokerMetrics.NONE));
    broker.start();
    GrpcServer server =
        new GrpcServer(
                new GrpcServerSettings("127.0.0.1", 0, List.of()),
                GrpcServerLimits.DEFAULT,
                broker.dispatch(),
                broker.exchange(),
                broker.health(),
                time)
            .start();
    return new EmbeddedBroker(broker, server);
  }

  private static BrokerSettings settings() {
    return new BrokerSettings(
        STORE.longestWait(),
        new IntakeSettings(
            256,
            16_000_000,
            Duration.ofSeconds(4),
            new Backpressure.Limits(2_048, 8_192, 2_048, 65_536, null, 1_000_000_000, 200_000_000)),
        new UpkeepSettings(Duration.ofSeconds(1), Duration.ZERO, Duration.ofSeconds(30)),
        new HealthSettings(Duration.ofSeconds(5), false),
        Set.of(TOPIC),
        TOPIC,
        DEAD_LETTERS);
  }

  private static Moment now() {
    return new Moment(System.currentTimeMillis(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
  }

  /** Takes the records of {@link #TOPIC}, from one thread. */
  public Intake intake() {
    return broker.intake(TOPIC);
  }

  /** Where workers call. */
  public int port() {
    return server.port();
  }

  /** Lets workers report what they have, for five seconds at most, and closes the file. */
  @Override
  public void close() {
    broker.drain();
    server.drain();
    server.close();
    broker.close();
  }
}
