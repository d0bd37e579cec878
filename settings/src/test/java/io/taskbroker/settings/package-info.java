@NullMarked
package io.taskbroker.settings;

import org.jspecify.annotations.NullMarked;
