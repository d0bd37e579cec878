/** The operator's rules as intake and upkeep apply them. */
@NullMarked
package io.taskbroker.application.rules;

import org.jspecify.annotations.NullMarked;
