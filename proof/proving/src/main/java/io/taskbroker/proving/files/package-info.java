/** The store's file and its disk: full, read-only, changed by people and tools. */
@NullMarked
package io.taskbroker.proving.files;

import org.jspecify.annotations.NullMarked;
