@NullMarked
package io.taskbroker.proving.push;

import org.jspecify.annotations.NullMarked;
