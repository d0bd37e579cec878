package io.taskbroker.application.intake;

/**
 * How far this broker is with a partition. Each is the offset of the record that comes next.
 *
 * @param read of those that Kafka has given out
 * @param stored of those that are handled and, where they were to be stored, survive a power cut
 * @param committed of those that Kafka has acknowledged, and does not give out again
 */
public record Progress(long read, long stored, long committed) {}
