@NullMarked
package io.taskbroker.settings.reading;

import org.jspecify.annotations.NullMarked;
