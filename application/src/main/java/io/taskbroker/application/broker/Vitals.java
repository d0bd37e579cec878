package io.taskbroker.application.broker;

import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.Depths;
import java.time.Duration;
import java.util.Map;

/**
 * How the broker is at one moment; cheap to ask for.
 *
 * @param waiting commands that wait for the store's writer
 * @param lag how long the oldest activation that no worker has had waits since it was due
 * @param stalls what is stalled, and why
 * @param flow what has passed through since the start
 */
public record Vitals(
    int waiting,
    Depths depths,
    StoreSize size,
    Duration lag,
    Map<String, String> stalls,
    Flow flow) {}
