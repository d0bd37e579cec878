/** Brokers and workers that show each other certificates. */
@NullMarked
package io.taskbroker.proving.tls;

import org.jspecify.annotations.NullMarked;
