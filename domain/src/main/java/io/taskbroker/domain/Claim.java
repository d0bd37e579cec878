package io.taskbroker.domain;

import org.jspecify.annotations.Nullable;

/**
 * An activation that was handed out, and the token by which this handing-out can be taken back.
 *
 * @param key of the row
 * @param token tells this hand-out from every other one of the store
 * @param attempts earlier hand-outs that ended in a missed deadline
 * @param hopeless why it is not to be delivered any more, as its deliveries have failed too often;
 *     null while it may be
 */
public record Claim(
    long key,
    long token,
    Activation activation,
    int attempts,
    RetryOverride retry,
    @Nullable String hopeless) {}
