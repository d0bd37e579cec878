/** What is logged, for tests. Needs Logback, which is where it looks. */
@NullMarked
package io.taskbroker.testkit.log;

import org.jspecify.annotations.NullMarked;
