/** Workers that wait to be called, here or in a process of their own. */
@NullMarked
package io.taskbroker.workload.push;

import org.jspecify.annotations.NullMarked;
