package io.taskbroker.application.operations;

/**
 * How long something took that was done several times. The milliseconds are exact to some 6 %.
 *
 * @param times how often it was done
 * @param p50Ms half of them took no longer; 0 if it was never done
 * @param p99Ms 99 of 100 took no longer; 0 if it was never done
 */
public record Spread(long times, long p50Ms, long p99Ms) {}
