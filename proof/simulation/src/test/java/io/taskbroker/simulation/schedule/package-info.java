@NullMarked
package io.taskbroker.simulation.schedule;

import org.jspecify.annotations.NullMarked;
