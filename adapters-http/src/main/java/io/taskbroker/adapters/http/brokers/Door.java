package io.taskbroker.adapters.http.brokers;

import java.util.function.Function;

/**
 * One broker that can be asked.
 *
 * @param broker its name
 * @param asking returns what it answers, in bounded time; safe for all threads
 */
public record Door(String broker, Function<Call, Reply> asking) {}
