/** Clients that behave badly, in a process of their own. */
@NullMarked
package io.taskbroker.proving.unruly;

import org.jspecify.annotations.NullMarked;
