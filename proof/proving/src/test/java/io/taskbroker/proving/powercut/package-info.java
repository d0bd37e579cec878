@NullMarked
package io.taskbroker.proving.powercut;

import org.jspecify.annotations.NullMarked;
