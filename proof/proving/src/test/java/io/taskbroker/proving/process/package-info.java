@NullMarked
package io.taskbroker.proving.process;

import org.jspecify.annotations.NullMarked;
