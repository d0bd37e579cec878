/** From a source of records into the store. */
@NullMarked
package io.taskbroker.application.intake;

import org.jspecify.annotations.NullMarked;
