package io.taskbroker.settings;

import io.taskbroker.adapters.grpc.GrpcWorkersSettings;
import io.taskbroker.application.push.PushSettings;

/** How tasks are brought to workers, and to which. */
public record PushConfig(PushSettings settings, GrpcWorkersSettings workers) {}
