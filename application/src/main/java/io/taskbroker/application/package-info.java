/** The use cases, the ports they need, and the assembly of a running broker. */
@NullMarked
package io.taskbroker.application;

import org.jspecify.annotations.NullMarked;
