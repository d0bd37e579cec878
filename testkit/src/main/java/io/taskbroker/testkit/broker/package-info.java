/** A whole broker in one JVM, over in-memory adapters, for tests of what is built on it. */
@NullMarked
package io.taskbroker.testkit.broker;

import org.jspecify.annotations.NullMarked;
