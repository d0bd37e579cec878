/** The broker as a whole: ports in, a running broker out. */
@NullMarked
package io.taskbroker.application.broker;

import org.jspecify.annotations.NullMarked;
