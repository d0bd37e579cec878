/** Commands that ask a running broker, or give it orders, through its admin API. */
@NullMarked
package io.taskbroker.bootstrap.operator;

import org.jspecify.annotations.NullMarked;
