package io.taskbroker.adapters.metrics;

/**
 * Where people and machines may ask how the broker is.
 *
 * @param port 0 for some free one
 */
public record MonitoringSettings(String address, int port) {}
