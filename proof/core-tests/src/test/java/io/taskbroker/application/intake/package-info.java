/** Intake over a store in memory. */
@NullMarked
package io.taskbroker.application.intake;

import org.jspecify.annotations.NullMarked;
