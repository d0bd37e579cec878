package io.taskbroker.application.push;

/** All that it takes to push. */
public record PushPorts(WorkerGateway gateway, PushSettings settings, PushMetrics metrics) {}
