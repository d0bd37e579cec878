/** Tests of how brokers that share a database are judged. */
@NullMarked
package io.taskbroker.proving.shared;

import org.jspecify.annotations.NullMarked;
