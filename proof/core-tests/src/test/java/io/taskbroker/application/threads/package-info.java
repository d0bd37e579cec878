@NullMarked
package io.taskbroker.application.threads;

import org.jspecify.annotations.NullMarked;
