@NullMarked
package io.taskbroker.proving.python;

import org.jspecify.annotations.NullMarked;
