/** How fast the store is, beside a store that keeps its state in the database and decides there. */
@NullMarked
package io.taskbroker.benchmarks.store;

import org.jspecify.annotations.NullMarked;
