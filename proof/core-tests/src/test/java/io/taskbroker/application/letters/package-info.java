@NullMarked
package io.taskbroker.application.letters;

import org.jspecify.annotations.NullMarked;
