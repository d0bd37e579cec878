/** The program as it is installed, with a Java runtime of its own. */
@NullMarked
package io.taskbroker.proving.assembly;

import org.jspecify.annotations.NullMarked;
