@NullMarked
package io.taskbroker.proving;

import org.jspecify.annotations.NullMarked;
