/** Push delivery over workers in memory. */
@NullMarked
package io.taskbroker.application.push;

import org.jspecify.annotations.NullMarked;
