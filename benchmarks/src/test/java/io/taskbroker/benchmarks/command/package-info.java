/** Whether all benchmarks are known, and their figures found again. */
@NullMarked
package io.taskbroker.benchmarks.command;

import org.jspecify.annotations.NullMarked;
