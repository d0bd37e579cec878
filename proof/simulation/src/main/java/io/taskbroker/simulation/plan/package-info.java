/** What is played: plans that follow from seeds, their run, and the search for the shortest one. */
@NullMarked
package io.taskbroker.simulation.plan;

import org.jspecify.annotations.NullMarked;
