package io.taskbroker.domain.rules;

import java.util.Map;

/**
 * What one piece of a search has found.
 *
 * @param tasknames of the activations that were found, by key, in the order of arrival
 * @param last key of the last row that was looked at; the next piece begins after it
 * @param isLast whether there are no more rows
 */
public record Found(Map<Long, String> tasknames, long last, boolean isLast) {}
