/**
 * Journals for tests: what every journal must keep to, one in memory, and one that fails at will.
 */
@NullMarked
package io.taskbroker.testkit.journal;

import org.jspecify.annotations.NullMarked;
