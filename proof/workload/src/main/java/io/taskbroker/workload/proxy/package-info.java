/**
 * A proxy that understands a protocol message by message, and can delay, change, swallow and answer
 * each of them, or cut the connection at it.
 */
@NullMarked
package io.taskbroker.workload.proxy;

import org.jspecify.annotations.NullMarked;
