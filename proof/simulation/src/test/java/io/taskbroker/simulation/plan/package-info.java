@NullMarked
package io.taskbroker.simulation.plan;

import org.jspecify.annotations.NullMarked;
