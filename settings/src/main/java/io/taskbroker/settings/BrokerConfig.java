package io.taskbroker.settings;

import io.taskbroker.adapters.grpc.GrpcServerSettings;
import io.taskbroker.adapters.http.MonitoringSettings;
import io.taskbroker.adapters.http.admin.AdminSettings;
import io.taskbroker.adapters.kafka.KafkaSettings;
import io.taskbroker.adapters.metrics.MetricsSettings;
import io.taskbroker.adapters.postgres.PostgresSettings;
import io.taskbroker.adapters.protobuf.ActivationLimits;
import io.taskbroker.adapters.protobuf.RawTopicSettings;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.upkeep.UpkeepSettings;
import io.taskbroker.inflight.StoreSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The whole configuration: right, or not there at all.
 *
 * @param push empty if workers ask for their tasks
 * @param postgres empty if tasks are kept in a file
 * @param rawTopics by name, those of which each record is the parameter of a task
 * @param rulesFile with what operators change while the broker runs; empty for no rules
 * @param canaries tasks that the broker makes itself
 * @param rehearsal how long it may try itself out when it starts; zero for not at all
 * @param threadDumps whether what all threads do is logged now and then
 * @param monitoring empty if nobody may ask over HTTP
 * @param admin empty if there is no admin API
 * @param reports empty if errors are reported nowhere
 */
public record BrokerConfig(
    KafkaSettings kafka,
    GrpcServerSettings grpc,
    Optional<PushConfig> push,
    SqliteSettings sqlite,
    Optional<PostgresSettings> postgres,
    StoreSettings store,
    IntakeSettings intake,
    UpkeepSettings upkeep,
    HealthSettings health,
    ActivationLimits activations,
    Map<String, RawTopicSettings> rawTopics,
    Optional<Path> rulesFile,
    CanaryConfig canaries,
    Duration rehearsal,
    LogSettings log,
    boolean threadDumps,
    MetricsSettings metrics,
    Optional<MonitoringSettings> monitoring,
    Optional<AdminSettings> admin,
    Optional<ReportSettings> reports) {}
