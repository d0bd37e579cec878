@NullMarked
package io.taskbroker.fuzzing;

import org.jspecify.annotations.NullMarked;
