package io.taskbroker.bootstrap.operator;

import java.io.Serial;

/** The broker did not do, or did not answer, what it was asked. The message says why. */
public final class Refused extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public Refused(String message) {
    super(message, null, false, false);
  }
}
