/** Topics in memory: a source of records for intake, and a publisher, over the same logs. */
@NullMarked
package io.taskbroker.testkit.topics;

import org.jspecify.annotations.NullMarked;
