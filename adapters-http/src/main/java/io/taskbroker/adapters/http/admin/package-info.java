/** The admin API: what operators see of a running broker, and what they do to it, over HTTP. */
@NullMarked
package io.taskbroker.adapters.http.admin;

import org.jspecify.annotations.NullMarked;
