/** Holds the contract to bytes written down once, so that no edit of it changes the wire. */
@NullMarked
package io.taskbroker.proto;

import org.jspecify.annotations.NullMarked;
