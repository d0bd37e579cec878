package io.taskbroker.domain;

import org.jspecify.annotations.Nullable;

/**
 * An activation that was handed out, and the token by which this handing-out can be taken back.
 *
 * @param key of the row
 * @param number tells this claim of the row from every other one in this process
 * @param attempts earlier hand-outs that ended in a missed deadline
 * @param hopeless why it is not to be delivered any more, as its deliveries have failed too often;
 *     null while it may be
 */
public record Claim(
    long key,
    long number,
    Activation activation,
    int attempts,
    RetryOverride retry,
    @Nullable String hopeless) {}
