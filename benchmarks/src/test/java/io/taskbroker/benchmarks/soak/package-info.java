/** Whether a soak notes what is there, and sees what drifts. */
@NullMarked
package io.taskbroker.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
