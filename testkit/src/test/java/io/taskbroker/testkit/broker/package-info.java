/** The fixture, used as its users would. */
@NullMarked
package io.taskbroker.testkit.broker;

import org.jspecify.annotations.NullMarked;
