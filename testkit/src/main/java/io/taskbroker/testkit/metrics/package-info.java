/** Metrics ports that remember what they were told. */
@NullMarked
package io.taskbroker.testkit.metrics;

import org.jspecify.annotations.NullMarked;
