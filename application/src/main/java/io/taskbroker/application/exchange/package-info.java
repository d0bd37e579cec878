/** Work for workers of our own protocol, who name each attempt by a token. */
@NullMarked
package io.taskbroker.application.exchange;

import org.jspecify.annotations.NullMarked;
