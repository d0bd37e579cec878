/** The owned store over journals that fail, hang, forget and die. */
@NullMarked
package io.taskbroker.inflight;

import org.jspecify.annotations.NullMarked;
