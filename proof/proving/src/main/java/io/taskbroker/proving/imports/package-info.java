/** Files of the reference: taken over, worked off, given back. */
@NullMarked
package io.taskbroker.proving.imports;

import org.jspecify.annotations.NullMarked;
