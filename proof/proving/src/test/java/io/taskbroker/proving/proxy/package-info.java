@NullMarked
package io.taskbroker.proving.proxy;

import org.jspecify.annotations.NullMarked;
