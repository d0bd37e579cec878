@NullMarked
package io.taskbroker.proving.scenarios;

import org.jspecify.annotations.NullMarked;
