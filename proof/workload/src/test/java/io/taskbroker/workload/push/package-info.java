@NullMarked
package io.taskbroker.workload.push;

import org.jspecify.annotations.NullMarked;
