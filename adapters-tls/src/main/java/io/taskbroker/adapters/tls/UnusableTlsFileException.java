package io.taskbroker.adapters.tls;

import java.io.Serial;

/** A certificate, key or authority cannot be used. The text says which one, why, and what to do. */
public final class UnusableTlsFileException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public UnusableTlsFileException(String message) {
    super(message);
  }

  public UnusableTlsFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
