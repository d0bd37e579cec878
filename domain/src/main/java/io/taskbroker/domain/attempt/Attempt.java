package io.taskbroker.domain.attempt;

/**
 * One hand-out of one activation, as its worker names it.
 *
 * @param id of the activation; opaque, may be unknown
 * @param token which of its hand-outs; see {@link Token}
 */
public record Attempt(String id, long token) {}
