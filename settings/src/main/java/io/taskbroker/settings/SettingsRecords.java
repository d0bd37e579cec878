package io.taskbroker.settings;

import io.taskbroker.adapters.grpc.GrpcServerSettings;
import io.taskbroker.adapters.http.MonitoringSettings;
import io.taskbroker.adapters.metrics.MetricsSettings;
import io.taskbroker.adapters.protobuf.ActivationLimits;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.upkeep.UpkeepSettings;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import io.taskbroker.settings.reading.Values;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** From values by key to the records that the parts of the broker want. */
final class SettingsRecords {
  /** The share of the heap that rows may take; the rest is for payloads on their way. */
  private static final double ROWS_SHARE_OF_HEAP = 0.6;

  private final Values values;
  private final KafkaRecords kafka;

  SettingsRecords(Values values) {
    this.values = values;
    this.kafka = new KafkaRecords(values);
  }

  /**
   * @param environment says what keys do not
   * @throws IllegalArgumentException if a record refuses its values
   */
  BrokerConfig build(Map<String, String> environment) {
    return new BrokerConfig(
        kafka.settings(),
        new GrpcServerSettings(
            values.get(GrpcKeys.ADDRESS),
            values.get(GrpcKeys.PORT),
            values.get(GrpcKeys.SHARED_SECRET),
            values.get(GrpcKeys.MAX_CONNECTIONS),
            values.get(GrpcKeys.MAX_CONNECTIONS_PER_ADDRESS),
            values.get(GrpcKeys.MAX_WAIT),
            new TlsRecords(values).server(),
            values.get(GrpcKeys.HEARTBEAT)),
        new PushRecords(values).build(),
        new SqliteSettings(
            values.get(StoreKeys.SQLITE_PATH),
            values
                .find(StoreKeys.SQLITE_VACUUM_PAGES)
                .map(SettingsRecords::intOf)
                .orElse(SqliteSettings.DEFAULT_RECLAIM_PAGES),
            values.get(UpkeepKeys.FULL_VACUUM_ON_START),
            values.get(StoreKeys.SQLITE_FILE_MODE)),
        new PostgresRecords(values).build().map(postgres -> postgres.over(environment)),
        store(),
        intake(),
        new UpkeepSettings(
            values.get(UpkeepKeys.INTERVAL),
            values.get(UpkeepKeys.STARTUP_GRACE),
            values.get(UpkeepKeys.MAINTENANCE_INTERVAL),
            Optional.of(values.get(UpkeepKeys.VACUUM_INTERVAL))
                .filter(_ -> values.get(UpkeepKeys.FULL_VACUUM_ON_UPKEEP))),
        new HealthSettings(
            values.get(UpkeepKeys.UNHEALTHY_INTERVAL),
            values.get(UpkeepKeys.HEALTH_CHECK_KILLSWITCHED)),
        new ActivationLimits(
            values.get(KafkaKeys.MAX_DELIVERABLE_SIZE),
            values.find(UpkeepKeys.MAX_DELAY).map(Duration::toSeconds).orElse(null)),
        kafka.rawTopics(),
        values.find(UpkeepKeys.RUNTIME_CONFIG_PATH).map(Path::of),
        new CanaryConfig(
            values.get(DeliveryKeys.WORKER_MAP).keySet().stream().sorted().toList(),
            values.get(UpkeepKeys.CANARY_TASKS)),
        values.get(UpkeepKeys.REHEARSAL),
        log(),
        values.get(GeneralKeys.LOG_ASYNC_BACKTRACE),
        metrics(),
        monitoring(),
        AdminKeys.settings(values),
        reports());
  }

  private MetricsSettings metrics() {
    return new MetricsSettings(
        values.find(GeneralKeys.STATSD_ADDR).map(SettingsRecords::statsd),
        values.get(GeneralKeys.DEFAULT_METRICS_TAGS),
        values.get(GeneralKeys.RUNTIME_METRICS_INTERVAL));
  }

  private static MetricsSettings.Agent statsd(String address) {
    int colon = address.lastIndexOf(':');
    return new MetricsSettings.Agent(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
  }

  private Optional<MonitoringSettings> monitoring() {
    int port = values.get(GeneralKeys.HTTP_PORT);
    return port == 0
        ? Optional.empty()
        : Optional.of(
            new MonitoringSettings(
                values.get(GeneralKeys.HTTP_ADDR),
                port,
                values.get(GeneralKeys.HTTP_MAX_CONNECTIONS),
                values.get(GeneralKeys.HTTP_MAX_CONNECTIONS_PER_ADDRESS)));
  }

  private Optional<ReportSettings> reports() {
    return values
        .find(GeneralKeys.SENTRY_DSN)
        .map(
            dsn ->
                new ReportSettings(
                    dsn,
                    values.find(GeneralKeys.SENTRY_ENV).orElse(null),
                    values.find(GeneralKeys.TRACES_SAMPLE_RATE).orElse(0.0),
                    values.get(GeneralKeys.DEFAULT_METRICS_TAGS)));
  }

  LogSettings log() {
    return new LogSettings(values.get(GeneralKeys.LOG_FILTER), values.get(GeneralKeys.LOG_FORMAT));
  }

  private StoreSettings store() {
    return new StoreSettings(
        new EngineSettings(
            values.get(StoreKeys.PROCESSING_DEADLINE_GRACE),
            intOf(values.get(StoreKeys.MAX_PROCESSING_ATTEMPTS)),
            new Keeping(
                intOf(values.get(StoreKeys.KEEP_ENDED_COUNT)),
                values.get(StoreKeys.KEEP_ENDED_FOR),
                intOf(values.get(StoreKeys.KEEP_FAILED_COUNT)),
                values.get(StoreKeys.KEEP_FAILED_FOR)),
            new PushRecords(values).settings().lease()),
        values.get(StoreKeys.SYNC_EVERY_COMMIT),
        StoreSettings.MAX_WAITING,
        StoreSettings.LONGEST_WAIT,
        values.get(GrpcKeys.MAX_WAITERS));
  }

  private IntakeSettings intake() {
    return new IntakeSettings(
        intOf(values.get(StoreKeys.INSERT_BATCH_MAX_LENGTH)),
        values.get(StoreKeys.INSERT_BATCH_MAX_BYTES),
        values.get(StoreKeys.INSERT_FAILURE_BACKOFF),
        new Backpressure.Limits(
            values.get(StoreKeys.MAX_PENDING_COUNT),
            values.get(StoreKeys.MAX_DELAY_COUNT),
            values.get(StoreKeys.MAX_PROCESSING_COUNT),
            values.get(StoreKeys.MAX_OUTBOX_COUNT),
            values.find(StoreKeys.MAX_SIZE).orElse(null),
            values.get(StoreKeys.MAX_WAL_SIZE),
            (long) (Runtime.getRuntime().maxMemory() * ROWS_SHARE_OF_HEAP)));
  }

  private static int intOf(long number) {
    return (int) Math.min(number, Integer.MAX_VALUE);
  }
}
