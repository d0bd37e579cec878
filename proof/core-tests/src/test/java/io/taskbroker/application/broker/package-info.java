/** The assembled broker over topics and a journal in memory. */
@NullMarked
package io.taskbroker.application.broker;

import org.jspecify.annotations.NullMarked;
