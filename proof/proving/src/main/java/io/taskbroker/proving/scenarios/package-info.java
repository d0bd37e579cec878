/** The promises, each a small program that is judged by the ledger. */
@NullMarked
package io.taskbroker.proving.scenarios;

import org.jspecify.annotations.NullMarked;
