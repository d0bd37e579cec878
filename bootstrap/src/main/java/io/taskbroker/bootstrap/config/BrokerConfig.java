package io.taskbroker.bootstrap.config;

import io.taskbroker.adapters.grpc.GrpcServerSettings;
import io.taskbroker.adapters.kafka.KafkaSettings;
import io.taskbroker.adapters.protobuf.ActivationLimits;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.store.StoreSettings;
import io.taskbroker.application.upkeep.UpkeepSettings;
import io.taskbroker.bootstrap.logging.LogSettings;
import java.util.Optional;

/**
 * The whole configuration: right, or not there at all.
 *
 * @param push empty if workers ask for their tasks
 */
public record BrokerConfig(
    KafkaSettings kafka,
    GrpcServerSettings grpc,
    Optional<PushConfig> push,
    SqliteSettings sqlite,
    StoreSettings store,
    IntakeSettings intake,
    UpkeepSettings upkeep,
    HealthSettings health,
    ActivationLimits activations,
    LogSettings log) {}
