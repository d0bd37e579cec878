/** What rules are together. */
@NullMarked
package io.taskbroker.domain.rules;

import org.jspecify.annotations.NullMarked;
