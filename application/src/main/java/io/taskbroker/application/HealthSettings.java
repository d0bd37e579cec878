package io.taskbroker.application;

import java.time.Duration;

/**
 * When the broker calls itself unhealthy.
 *
 * @param unhealthyAfter a loop that is overdue for longer makes it so
 * @param alwaysHealthy whether the answer is fixed, for an emergency
 */
public record HealthSettings(Duration unhealthyAfter, boolean alwaysHealthy) {}
