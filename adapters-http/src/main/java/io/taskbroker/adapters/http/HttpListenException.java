package io.taskbroker.adapters.http;

import java.io.Serial;

/** Nobody can be answered at the address that was asked for. The message says what to do. */
public final class HttpListenException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public HttpListenException(String message, Throwable cause) {
    super(message, cause);
  }
}
