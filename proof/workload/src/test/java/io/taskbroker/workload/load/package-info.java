@NullMarked
package io.taskbroker.workload.load;

import org.jspecify.annotations.NullMarked;
