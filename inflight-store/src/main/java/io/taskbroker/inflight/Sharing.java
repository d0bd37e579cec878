package io.taskbroker.inflight;

/**
 * What a journal has for each of several brokers that keep rows in it.
 *
 * @param custody which rows are this broker's
 * @param keys of its new rows
 * @param elsewhere where its reports about rows of other brokers go
 */
public record Sharing(Custody custody, KeyReserve keys, Elsewhere elsewhere) {}
