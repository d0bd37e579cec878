/** The program as it is installed, in as much memory as it is given. */
@NullMarked
package io.taskbroker.proving.program;

import org.jspecify.annotations.NullMarked;
