/** Payload bytes to domain and back: the activation codec, msgpack and zstd. */
@NullMarked
package io.taskbroker.adapters.protobuf;

import org.jspecify.annotations.NullMarked;
