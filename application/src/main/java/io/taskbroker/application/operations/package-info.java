/** What operators ask of a running broker, and what they do to it. */
@NullMarked
package io.taskbroker.application.operations;

import org.jspecify.annotations.NullMarked;
