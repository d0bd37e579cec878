/** Certificates, keys and authorities from PEM files, and what TLS makes of them. */
@NullMarked
package io.taskbroker.adapters.grpc.tls;

import org.jspecify.annotations.NullMarked;
