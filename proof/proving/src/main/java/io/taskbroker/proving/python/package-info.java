/** The reference's Python client, unchanged, with an application of ours. */
@NullMarked
package io.taskbroker.proving.python;

import org.jspecify.annotations.NullMarked;
