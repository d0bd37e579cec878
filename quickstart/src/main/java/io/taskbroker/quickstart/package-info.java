/** The demo that a newcomer sees first. */
@NullMarked
package io.taskbroker.quickstart;

import org.jspecify.annotations.NullMarked;
