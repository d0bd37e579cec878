/** The packaged broker against a real Kafka, over real sockets and files, crashes included. */
@NullMarked
package io.taskbroker.endtoend;

import org.jspecify.annotations.NullMarked;
