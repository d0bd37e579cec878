/** What commands of operators show. */
@NullMarked
package io.taskbroker.bootstrap.operator;

import org.jspecify.annotations.NullMarked;
