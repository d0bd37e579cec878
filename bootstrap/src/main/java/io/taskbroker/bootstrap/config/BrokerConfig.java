package io.taskbroker.bootstrap.config;

import io.taskbroker.adapters.grpc.GrpcServerSettings;
import io.taskbroker.adapters.kafka.KafkaSettings;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.store.StoreSettings;
import io.taskbroker.application.upkeep.UpkeepSettings;
import io.taskbroker.bootstrap.logging.LogSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration: right, or not there at all.
 *
 * @param maxDelay to which longer delays of tasks are cut; null for no limit
 * @param maxDeliverableBytes the largest task that workers can be given
 */
public record BrokerConfig(
    KafkaSettings kafka,
    GrpcServerSettings grpc,
    SqliteSettings sqlite,
    StoreSettings store,
    IntakeSettings intake,
    UpkeepSettings upkeep,
    HealthSettings health,
    LogSettings log,
    @Nullable Duration maxDelay,
    long maxDeliverableBytes) {}
