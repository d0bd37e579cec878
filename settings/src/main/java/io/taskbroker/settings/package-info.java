/** Our keys, and how they become the records that the parts of the broker want. */
@NullMarked
package io.taskbroker.settings;

import org.jspecify.annotations.NullMarked;
