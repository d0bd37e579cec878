@NullMarked
package io.taskbroker.quickstart;

import org.jspecify.annotations.NullMarked;
