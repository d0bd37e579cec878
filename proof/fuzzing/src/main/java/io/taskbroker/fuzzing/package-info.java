/** Bytes that a fuzzer makes up, at each entrance of the broker. */
@NullMarked
package io.taskbroker.fuzzing;

import org.jspecify.annotations.NullMarked;
