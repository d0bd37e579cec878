/** Workers in memory that are called. */
@NullMarked
package io.taskbroker.testkit.workers;

import org.jspecify.annotations.NullMarked;
