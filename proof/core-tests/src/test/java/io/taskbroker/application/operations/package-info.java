/** Tests of {@code io.taskbroker.application.operations}. */
@NullMarked
package io.taskbroker.application.operations;

import org.jspecify.annotations.NullMarked;
