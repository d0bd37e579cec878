/** Whether benchmarks say what they mean. */
@NullMarked
package io.taskbroker.benchmarks.broker;

import org.jspecify.annotations.NullMarked;
