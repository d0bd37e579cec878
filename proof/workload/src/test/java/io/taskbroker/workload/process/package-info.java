@NullMarked
package io.taskbroker.workload.process;

import org.jspecify.annotations.NullMarked;
