package io.taskbroker.inflight;

import io.taskbroker.inflight.engine.Changes;
import java.util.Map;

/**
 * One group of changes.
 *
 * @param payloads by key, one for each of {@code changes.inserted()}
 */
public record JournalGroup(Changes changes, Map<Long, byte[]> payloads) {}
