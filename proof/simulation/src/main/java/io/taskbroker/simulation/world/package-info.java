/** The world around the core: Kafka, disks, clocks, workers and processes, each with its faults. */
@NullMarked
package io.taskbroker.simulation.world;

import org.jspecify.annotations.NullMarked;
