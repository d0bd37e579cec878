/** Several brokers, asked at once through their admin APIs; their answers become one. */
@NullMarked
package io.taskbroker.adapters.http.brokers;

import org.jspecify.annotations.NullMarked;
