/** Whether benchmarks say what they mean. */
@NullMarked
package io.taskbroker.benchmarks;

import org.jspecify.annotations.NullMarked;
