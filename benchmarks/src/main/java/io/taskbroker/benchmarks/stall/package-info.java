/** How long an empty call waits beside the store's heaviest work. */
@NullMarked
package io.taskbroker.benchmarks.stall;

import org.jspecify.annotations.NullMarked;
