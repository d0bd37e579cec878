@NullMarked
package io.taskbroker.workload.ledger;

import org.jspecify.annotations.NullMarked;
