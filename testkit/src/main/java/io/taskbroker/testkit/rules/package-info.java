/** An operator's rules in memory. */
@NullMarked
package io.taskbroker.testkit.rules;

import org.jspecify.annotations.NullMarked;
