package io.taskbroker.adapters.grpc;

import java.io.Serial;

/** The server cannot listen where it was told to. The message says why, and what to do. */
public final class ListenException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  ListenException(String message, Throwable cause) {
    super(message, cause);
  }

  ListenException(String message) {
    super(message);
  }
}
