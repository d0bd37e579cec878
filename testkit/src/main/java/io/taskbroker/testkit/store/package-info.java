/**
 * What every store must do, as tests to be extended, and the slow, obviously right store that they
 * compare with.
 */
@NullMarked
package io.taskbroker.testkit.store;

import org.jspecify.annotations.NullMarked;
