/** {@code ./taskbroker simulate}: the whole core under virtual time and seeded faults. */
@NullMarked
package io.taskbroker.simulation;

import org.jspecify.annotations.NullMarked;
