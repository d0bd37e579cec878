/** Programs under test as processes of their own: started, waited for, stopped, killed. */
@NullMarked
package io.taskbroker.workload.process;

import org.jspecify.annotations.NullMarked;
