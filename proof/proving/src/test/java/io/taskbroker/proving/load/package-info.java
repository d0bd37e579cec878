@NullMarked
package io.taskbroker.proving.load;

import org.jspecify.annotations.NullMarked;
