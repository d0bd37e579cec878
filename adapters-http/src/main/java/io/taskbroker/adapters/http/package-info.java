/** What is answered over HTTP: the probes, and the page with the metrics. */
@NullMarked
package io.taskbroker.adapters.http;

import org.jspecify.annotations.NullMarked;
