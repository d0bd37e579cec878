@NullMarked
package io.taskbroker.proving.stage;

import org.jspecify.annotations.NullMarked;
