/** The reference's Python client, unchanged, and ours, with an application of ours. */
@NullMarked
package io.taskbroker.proving.python;

import org.jspecify.annotations.NullMarked;
