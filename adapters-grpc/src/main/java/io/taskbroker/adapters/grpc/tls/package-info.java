/** What TLS makes of certificates, keys and authorities, for gRPC. */
@NullMarked
package io.taskbroker.adapters.grpc.tls;

import org.jspecify.annotations.NullMarked;
