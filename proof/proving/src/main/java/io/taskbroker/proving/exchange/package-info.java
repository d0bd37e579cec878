/** Workers that are attached by streams: their frames, their signatures, and streams that break. */
@NullMarked
package io.taskbroker.proving.exchange;

import org.jspecify.annotations.NullMarked;
