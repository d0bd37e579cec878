/** The promises of the broker, each a scenario that is judged by the ledger. */
@NullMarked
package io.taskbroker.proving;

import org.jspecify.annotations.NullMarked;
