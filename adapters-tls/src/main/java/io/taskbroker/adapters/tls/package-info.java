/** Certificates, keys and authorities from PEM files, which are taken up when they are renewed. */
@NullMarked
package io.taskbroker.adapters.tls;

import org.jspecify.annotations.NullMarked;
