/** Workers that are called, directly or through a service mesh. */
@NullMarked
package io.taskbroker.proving.push;

import org.jspecify.annotations.NullMarked;
