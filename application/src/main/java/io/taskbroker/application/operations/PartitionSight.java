package io.taskbroker.application.operations;

import org.jspecify.annotations.Nullable;

/**
 * One partition, as its cluster describes it at one moment. What the cluster does not say is null.
 *
 * @param leader the node that serves it, in words; null if none does, and then nothing of it can be
 *     read or written
 * @param first offset of the oldest record that is there
 * @param end offset that the next record gets, as far as it can be read
 * @param committed where the consumer group stands
 * @param owner the member of the group that reads it, in words
 */
public record PartitionSight(
    int number,
    @Nullable String leader,
    @Nullable Long first,
    @Nullable Long end,
    @Nullable Long committed,
    @Nullable String owner) {}
