/** The process is killed at each step of its work, one after the other. */
@NullMarked
package io.taskbroker.proving.crash;

import org.jspecify.annotations.NullMarked;
