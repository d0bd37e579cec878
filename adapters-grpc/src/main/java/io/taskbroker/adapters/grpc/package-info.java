/** The service that workers call, its authentication and its health. */
@NullMarked
package io.taskbroker.adapters.grpc;

import org.jspecify.annotations.NullMarked;
