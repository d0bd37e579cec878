/**
 * Who runs when: jobs as coroutines on one thread, one at a time, in an order that a seed gives.
 */
@NullMarked
package io.taskbroker.simulation.schedule;

import org.jspecify.annotations.NullMarked;
