/** The contracts, shown to hold for the stores of this module. */
@NullMarked
package io.taskbroker.testkit.store;

import org.jspecify.annotations.NullMarked;
