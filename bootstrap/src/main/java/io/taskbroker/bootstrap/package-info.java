/** Configuration, object graph, command line, start and stop; packs the runnable jar. */
@NullMarked
package io.taskbroker.bootstrap;

import org.jspecify.annotations.NullMarked;
