@NullMarked
package io.taskbroker.workload.proxy;

import org.jspecify.annotations.NullMarked;
