/** One bad row among good ones. */
@NullMarked
package io.taskbroker.proving.poison;

import org.jspecify.annotations.NullMarked;
