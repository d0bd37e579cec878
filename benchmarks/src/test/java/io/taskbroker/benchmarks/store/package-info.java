@NullMarked
package io.taskbroker.benchmarks.store;

import org.jspecify.annotations.NullMarked;
