/** Files of the reference broker: how they become a store of ours, and the way back. */
@NullMarked
package io.taskbroker.adapters.sqlite.upstream;

import org.jspecify.annotations.NullMarked;
