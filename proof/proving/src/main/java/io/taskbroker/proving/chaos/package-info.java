/** {@code ./taskbroker chaos}: three brokers of one group under load, and all that breaks. */
@NullMarked
package io.taskbroker.proving.chaos;

import org.jspecify.annotations.NullMarked;
