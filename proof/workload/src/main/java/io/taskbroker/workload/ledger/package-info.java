/** What became of every task, written down by those around the broker, and the sums. */
@NullMarked
package io.taskbroker.workload.ledger;

import org.jspecify.annotations.NullMarked;
