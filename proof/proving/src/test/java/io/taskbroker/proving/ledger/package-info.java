@NullMarked
package io.taskbroker.proving.ledger;

import org.jspecify.annotations.NullMarked;
