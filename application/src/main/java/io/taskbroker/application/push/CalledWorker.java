package io.taskbroker.application.push;

/**
 * The workers at one address that the broker calls, as it finds them.
 *
 * @param address as {@code host:port}; empty if there is no connection to any worker of the
 *     application
 * @param connections to this address
 * @param resting those that take nothing just now
 * @param underWay pushes without an answer yet
 * @param trouble why the first of them rests, or why there is none; empty if all take tasks
 */
public record CalledWorker(
    String application,
    String address,
    int connections,
    int resting,
    int underWay,
    String trouble) {}
